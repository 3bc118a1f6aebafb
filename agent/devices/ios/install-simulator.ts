import { formatDuration } from '../../../protocol/durations.ts';
import type { DeviceInstall } from '../device.ts';
import type { AppFolder } from './unpack-app.ts';
import { lastLine, type Xcrun } from './xcrun.ts';

export interface SimulatorInstall {
  readonly xcrun: Xcrun;
  readonly udid: string;
  readonly app: AppFolder;
  readonly grant: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What simctl says of a build that no simulator takes. Written from its documentation. */
const ofBuild =
  /not a valid bundle|missing bundle ID|Failed to find or create|bundle identifier|invalid placeholder|not a bundle/i;
const ofHost = /Unable to lookup in current state|Invalid device|CoreSimulatorService/i;

/** Puts an app on a simulator that has booted, and lets it use what it would ask for. */
export async function installOnSimulator(install: SimulatorInstall): Promise<DeviceInstall> {
  const { xcrun, udid, app, grant, timeoutMs, signal } = install;
  const end = await xcrun.run(['simctl', 'install', udid, app.path], { timeoutMs, signal });
  if (end.code === undefined)
    return {
      ok: false,
      installs: 1,
      class: 'install_failed',
      why: `no end after ${formatDuration(timeoutMs)}`,
    };
  if (end.code !== 0) {
    const why = (end.stderr || end.stdout).trim();
    const kind = ofHost.test(why) ? 'infra_error' : ofBuild.test(why) ? 'build_error' : 'install_failed';
    return { ok: false, installs: 1, class: kind, why };
  }
  for (const service of app.bundleId === undefined ? [] : grant) {
    const words = ['simctl', 'privacy', udid, 'grant', service, app.bundleId ?? ''];
    const granted = await xcrun.run(words, { timeoutMs: 30_000, signal });
    if (granted.code !== 0) {
      const why = `${service} cannot be granted: ${lastLine(granted.stderr || granted.stdout)}`;
      return { ok: false, installs: 1, class: 'install_failed', why };
    }
  }
  return { ok: true, installs: 1 };
}
