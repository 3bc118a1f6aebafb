import { execFile } from 'node:child_process';
import { platform } from 'node:os';
import { promisify } from 'node:util';
import * as z from 'zod';
import { findEmulator, listAvds, whyNoKvm } from '../devices/avd/emulator-host.ts';
import { whyNoXcode } from '../devices/ios/xcrun.ts';

type Variables = Readonly<Record<string, string>>;

const limitMs = 30_000;

/** The AVDs that this host can run; none where a tool for it is missing. `whyNot`: why it cannot run any. */
export async function findAvds(
  env: Variables,
  whyNot: () => string | undefined = () => (platform() === 'linux' ? whyNoKvm() : undefined),
): Promise<string[]> {
  const program = findEmulator(env);
  if (program === undefined || whyNot() !== undefined) return [];
  return listAvds(program, env).catch(() => []);
}

const Types = z.object({ devicetypes: z.array(z.object({ name: z.string() })) });

/** The last type of iPhone that simctl lists, which is the newest; undefined where there is none. */
export async function findIphoneType(env: Variables): Promise<string | undefined> {
  if (whyNoXcode({ env }) !== undefined) return undefined;
  try {
    const words = ['simctl', 'list', 'devicetypes', '-j'];
    const { stdout } = await promisify(execFile)('xcrun', words, { env, timeout: limitMs });
    const { devicetypes } = Types.parse(JSON.parse(stdout));
    return devicetypes.findLast(({ name }) => /^iPhone \d+$/.test(name))?.name;
  } catch {
    return undefined;
  }
}
