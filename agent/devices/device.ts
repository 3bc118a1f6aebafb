import type { Installed, Lease } from '../../protocol/shapes/agent.ts';
import type { DeviceOffer } from '../../protocol/shapes/registration.ts';

/** A device runs one test at a time. */
export interface Device {
  /** Sent to the server at the registration; the name is unique within the agent. */
  readonly offer: DeviceOffer;
  /** Variables by which its tests find it. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Drives one kind of device. `open` makes the devices of one entry of the configuration; `number` gives the next
 * free number within a target. Drivers of real phones will add `install` here, for registered app files.
 */
export interface Driver<Entry> {
  open(entry: Entry, number: () => number): Device[];
}

/** One device and the app that this process put on it. */
export interface Slot {
  readonly device: Device;
  /** The app that is on it; undefined: none, or not known. */
  installed: Installed | undefined;
  /** The framework whose install command put it there; undefined where no command ran. */
  installedBy: string | undefined;
  /** For what an install leaves behind, a real path; undefined: not made yet. */
  folder: string | undefined;
}

export const openSlot = (device: Device): Slot => ({
  device,
  installed: undefined,
  installedBy: undefined,
  folder: undefined,
});

/** True when the framework's own install has run on this device for the lease's app. */
export function hasInstalled(slot: Slot, lease: Lease, framework: string): boolean {
  return (
    slot.installedBy === framework &&
    slot.installed?.org_id === lease.org_id &&
    slot.installed.app_version_id === lease.app_version_id
  );
}
