import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findTool, sdkFolders } from '../find-tool.ts';

type Variables = Readonly<Record<string, string>>;

const listMs = 20_000;

export const noEmulator =
  'the Android emulator is not on this host: `sdkmanager emulator` of the Android SDK installs it; have it on the PATH, or ANDROID_HOME set';

/** The path of the emulator; undefined: there is none. */
export const findEmulator = (env: Variables): string | undefined =>
  findTool(
    env,
    'emulator',
    sdkFolders(env).map((folder) => join(folder, 'emulator')),
  );

/** The AVDs of the host. Throws, with words, where the emulator does not say. */
export async function listAvds(program: string, env: Variables): Promise<string[]> {
  try {
    const { stdout } = await promisify(execFile)(program, ['-list-avds'], { env, timeout: listMs });
    // Some versions print other lines too, with blanks in them.
    return stdout.split(/\r?\n/).filter((line) => /^[A-Za-z0-9._-]+$/.test(line));
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    const words = (stderr || (error as Error).message).trim().split('\n').at(-1);
    throw new Error(`\`emulator -list-avds\` failed: ${words}`);
  }
}

export const noAvd = (avd: string, known: readonly string[]): string =>
  `there is no AVD ${avd} on this host (${known.length === 0 ? 'there is none' : `there are: ${known.join(', ')}`}): ` +
  `\`avdmanager create avd -n ${avd} -k "system-images;android-34;google_apis;x86_64"\` makes one`;

/** Why the emulator cannot use the virtualization of a Linux host; undefined: it can. `path`: of its device. */
export function whyNoKvm(path = '/dev/kvm'): string | undefined {
  if (!existsSync(path))
    return `the emulator needs KVM, and there is no ${path}: turn on the virtualization of this machine (in its firmware, or for this virtual machine), or say "accel": false, which is very slow`;
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return undefined;
  } catch {
    return `the emulator needs KVM, and ${path} is not open to the user of this agent: \`sudo usermod -aG kvm $USER\`, then log in anew`;
  }
}
