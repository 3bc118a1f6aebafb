import type { FoundPhone } from './find-phones.ts';

/** What a host has of devices. */
export interface FoundDevices {
  readonly phones: readonly FoundPhone[];
  readonly avds: readonly string[];
  /** A type of device that can be simulated. */
  readonly iphone: string | undefined;
}

const isEmulator = (serial: string): boolean => serial.startsWith('emulator-');

/**
 * The settings for them: an emulator that runs serves `emulator`, a phone `device`. AVDs only where no emulator runs, which may
 * be one of them; without anything the devices are simulated.
 */
export function settingsFor({ phones, avds, iphone }: FoundDevices) {
  const runs = phones.some(({ serial }) => isEmulator(serial));
  const devices = [
    ...phones.map(({ serial }) => ({
      driver: 'adb',
      target: isEmulator(serial) ? 'emulator' : 'device',
      serial,
    })),
    ...(runs ? [] : avds.map((avd) => ({ driver: 'avd', target: 'emulator', avd }))),
    ...(iphone === undefined ? [] : [{ driver: 'simctl', target: 'emulator/ios', device_type: iphone }]),
  ];
  return {
    $schema: './node_modules/qgjob/agent/agent-config.schema.json',
    devices: devices.length > 0 ? devices : [{ driver: 'simulated', target: 'emulator', count: 2 }],
  };
}
