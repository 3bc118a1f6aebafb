import { type Finding, ok, problem, warning } from '../../host/finding.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { type AgentConfig, hostVariables, readConfig, type Variables } from '../config.ts';
import { deviceHost } from '../device-host.ts';
import type { DeviceHost } from '../devices/device.ts';
import { openDevices } from '../devices/open-devices.ts';
import { openIsolation } from '../isolation/open-isolation.ts';
import { defaultTiming } from '../timing.ts';
import { examineAndroid } from './examine-android.ts';
import { examineBrowser } from './examine-browser.ts';
import { examineClock } from './examine-clock.ts';
import { examineDisk } from './examine-disk.ts';
import { examineGit } from './examine-git.ts';
import { examineXcode } from './examine-xcode.ts';

export interface HostFlags {
  /** Path of the settings. */
  readonly config?: string | undefined;
  /** Where it is looked for; default: the current folder. */
  readonly folder?: string | undefined;
}

/** All that an agent with these settings needs of this host, each with what to do where it is missing. Changes nothing. */
export async function examineHost(flags: HostFlags, host: Variables = hostVariables()): Promise<Finding[]> {
  const read = readSettings(flags, host);
  if (read instanceof QgjobError)
    return [problem('settings', read.message, 'correct the file; docs/agents.md has all keys')];
  const { config, findings } = read;
  return [
    ...findings,
    await examineGit(config.childEnv),
    await examineDisk(config),
    ...(config.frameworks.default === 'playwright' ? [examineBrowser(config.childEnv)] : []),
    ...(await examineClock(config)),
    ...(await examineAndroid(config)),
    ...(await examineXcode(config)),
    await examineIsolation(config),
    ...(await examineDevices(config)),
  ];
}

function readSettings(
  { config: path, folder }: HostFlags,
  host: Variables,
): { config: AgentConfig; findings: Finding[] } | QgjobError {
  try {
    const config = readConfig({ config: path, token: '' }, folder, host);
    const { settingsFile, hasFile } = config;
    const finding = hasFile
      ? ok('settings', settingsFile)
      : warning('settings', `there is no ${settingsFile}: the devices are simulated`, 'qgjob init agent');
    return { config, findings: [finding] };
  } catch (error) {
    if (error instanceof QgjobError) return error;
    throw error;
  }
}

async function examineIsolation(config: AgentConfig): Promise<Finding> {
  try {
    const { says } = await openIsolation(config);
    return ok('isolation', says.replace(/^isolation /, ''));
  } catch (error) {
    return problem(
      'isolation',
      (error as Error).message,
      'choose another `isolation` in the settings, or do what it says',
    );
  }
}

/** A device that an agent of this host uses is looked at all the same. */
const noLocks: DeviceHost['locks'] = { tryLock: () => ({ wasLeft: false, unlock: () => undefined }) };

/** Each device as the agent would look at it. */
async function examineDevices(config: AgentConfig): Promise<Finding[]> {
  return Promise.all(
    openDevices(config.devices, deviceHost(config, noLocks, defaultTiming, false)).map(async (device) => {
      const fault = await device.examine?.(false);
      const { name, target, platform, os_version, labels } = device.offer;
      // What is missing altogether says itself what to do.
      if (fault?.breaksTests) return { what: name, state: 'problem', says: fault.why } as const;
      if (fault)
        return problem(
          name,
          fault.why,
          'the agent benches it until that is over; nothing else has to be done',
        );
      const words = [platform, os_version, labels?.model].filter(Boolean).join(' ');
      return ok(name, `serves ${target}${words && `: ${words}`}`);
    }),
  );
}
