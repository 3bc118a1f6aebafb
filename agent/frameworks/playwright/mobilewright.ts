import { join } from 'node:path';
import type { BatchRequest } from '../batch.ts';
import type { Hooks, Member, MemberSettings } from './member.ts';

/**
 * Mobilewright: Playwright Test with a `device`. It is run by the Playwright that it brings, not by its own program, which
 * has fewer flags and does not start in 0.0.57. Its pool of devices installs an app once for each process.
 */
export const mobilewright = (settings: MemberSettings): Member => ({
  name: 'mobilewright',
  package: 'mobilewright',
  configName: 'mobilewright.config',
  settings,
  drives: { needsPhone: true, clouds: false, sets: false, needsFile: 'registered' },
  env: (folder) => ({
    MOBILEWRIGHT_DISABLE_TELEMETRY: '1',
    DO_NOT_TRACK: '1',
    // Its helper leaves a process behind that the next one would talk to, for another device or in another network.
    MOBILECLI_HOME: join(folder, 'mobilecli'),
  }),
  hook: 'mobilewright.cjs',
  adapt,
});

/** The device of the lease, and its app where the agent has not put that on the device. */
function adapt({ env, isInstalled }: BatchRequest, { hook, home }: Hooks): string {
  const udid = env.QGJOB_DEVICE_UDID;
  const path = env.QGJOB_APP_PATH;
  const ours = {
    ...(udid !== undefined && { deviceId: udid }),
    ...(path !== undefined && { installApps: isInstalled ? [] : path }),
  };
  return `import { Device } from 'mobilewright';
import adapt from ${JSON.stringify(hook)};
adapt(own, Device, { ...${JSON.stringify({ ours, home })}, nonce: channel.nonce });`;
}
