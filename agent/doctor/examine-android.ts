import { existsSync } from 'node:fs';
import { platform } from 'node:os';
import { type Finding, ok, problem, warning } from '../../host/finding.ts';
import type { AgentConfig } from '../config.ts';
import { findEmulator, noEmulator, whyNoKvm } from '../devices/avd/emulator-host.ts';
import { sdkFolders } from '../devices/find-tool.ts';
import { sayVersion } from './say-version.ts';
import { singleEntries } from './single-entries.ts';

/** What Android devices of the settings need of the host; nothing where there are none. */
export async function examineAndroid({ devices, childEnv, frameworks }: AgentConfig): Promise<Finding[]> {
  const android = singleEntries(devices).filter(({ driver }) => driver === 'adb' || driver === 'avd');
  if (android.length === 0) return [];
  const emulators = android.flatMap((entry) => (entry.driver === 'avd' ? [entry] : []));
  return [
    await examineAdb(childEnv),
    ...(emulators.length > 0
      ? examineEmulator(
          childEnv,
          emulators.some(({ accel }) => accel),
        )
      : []),
    ...(emulators.length > 0 || needsSdk.has(frameworks.default)
      ? [examineSdk(childEnv), await examineJava(childEnv)]
      : []),
  ];
}

/** Frameworks that use more of the SDK than adb, or Java. */
const needsSdk: ReadonlySet<string> = new Set(['appwright', 'webdriverio', 'detox', 'maestro']);

async function examineAdb(env: AgentConfig['childEnv']): Promise<Finding> {
  const version = await sayVersion(env, 'adb', ['version']);
  return version === undefined
    ? problem('adb', 'is not on the PATH', 'apt-get install adb, or the platform-tools of the Android SDK')
    : ok('adb', version);
}

function examineEmulator(env: AgentConfig['childEnv'], needsKvm: boolean): Finding[] {
  const program = findEmulator(env);
  const found =
    program === undefined ? problem('emulator', noEmulator, 'sdkmanager emulator') : ok('emulator', program);
  if (!needsKvm || platform() !== 'linux') return [found];
  const why = whyNoKvm();
  return [
    found,
    why === undefined
      ? ok('KVM', '/dev/kvm can be used')
      : problem('KVM', why, 'kvm-ok says more (apt-get install cpu-checker)'),
  ];
}

/** adb and a booted emulator do without it; AppWright, Appium and Detox do not. */
function examineSdk(env: AgentConfig['childEnv']): Finding {
  const [folder] = sdkFolders(env);
  const cure = 'set ANDROID_HOME for the agent to the folder of the Android SDK';
  if (folder === undefined)
    return warning('Android SDK', 'ANDROID_HOME is not set: Appium and Detox need it', cure);
  return existsSync(folder)
    ? ok('Android SDK', folder)
    : warning('Android SDK', `ANDROID_HOME names ${folder}, which is not there`, cure);
}

async function examineJava(env: AgentConfig['childEnv']): Promise<Finding> {
  const version = await sayVersion(env, 'java', ['-version']);
  return version === undefined
    ? warning(
        'Java',
        'is not on the PATH: Maestro, Appium and sdkmanager need it',
        'apt-get install openjdk-17-jre-headless',
      )
    : ok('Java', version);
}
