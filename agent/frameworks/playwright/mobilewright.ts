import { join } from 'node:path';
import type { BatchRequest } from '../batch.ts';
import type { Member, MemberSettings } from './member.ts';

/**
 * Mobilewright: Playwright Test with a `device`. It is run by the Playwright that it brings, not by its own program, which
 * has fewer flags and does not start in 0.0.57. Its pool of devices installs an app once for each process.
 */
export const mobilewright = (settings: MemberSettings): Member => ({
  name: 'mobilewright',
  package: 'mobilewright',
  configName: 'mobilewright.config',
  settings,
  env: (folder) => ({
    MOBILEWRIGHT_DISABLE_TELEMETRY: '1',
    DO_NOT_TRACK: '1',
    // Its helper leaves a process behind that the next one would talk to, for another device or in another network.
    MOBILECLI_HOME: join(folder, 'mobilecli'),
  }),
  adapt,
});

/** The device of the lease, and its app where the agent has not put that on the device. */
function adapt({ env, isInstalled }: BatchRequest): string {
  const udid = env.QGJOB_DEVICE_UDID;
  const path = env.QGJOB_APP_PATH;
  const ours = {
    ...(udid !== undefined && { deviceId: udid }),
    ...(path !== undefined && { installApps: isInstalled ? [] : path }),
  };
  return `import { Device } from 'mobilewright';
const ours = ${JSON.stringify(ours)};
// Its tests may read the suite's own configuration again: it is changed itself.
Object.assign(own, ours);
own.use = { ...own.use, ...ours };
for (const project of own.projects ?? []) project.use = { ...project.use, ...ours };
if (process.env.TEST_WORKER_INDEX !== undefined) {
  const install = Device.prototype.installApp;
  Device.prototype.installApp = async function (...words) {
    await install.apply(this, words);
    process.stdout.write(\`\\u001b]qgjob;\${channel.nonce};{"event":"installed"}\\u0007\`);
  };
}`;
}
