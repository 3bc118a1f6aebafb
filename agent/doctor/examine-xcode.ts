import { type Finding, ok, problem } from '../../host/finding.ts';
import type { AgentConfig } from '../config.ts';
import { whyNoXcode } from '../devices/ios/xcrun.ts';
import { sayVersion } from './say-version.ts';
import { singleEntries } from './single-entries.ts';

/** What devices of iOS need of the host; nothing where the settings have none. */
export async function examineXcode({ devices, childEnv }: AgentConfig): Promise<Finding[]> {
  const hasIos = singleEntries(devices).some(({ driver }) => driver === 'simctl' || driver === 'devicectl');
  if (!hasIos) return [];
  const why = whyNoXcode({ env: childEnv });
  const cure = 'install Xcode from the App Store, then `sudo xcode-select -s /Applications/Xcode.app`';
  if (why !== undefined) return [problem('Xcode', why, cure)];
  const version = await sayVersion(childEnv, 'xcrun', ['xcodebuild', '-version']);
  return [
    version === undefined
      ? problem(
          'Xcode',
          'xcrun is there and Xcode is not: its command line tools alone have no simulators',
          cure,
        )
      : ok('Xcode', version),
  ];
}
