import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Variables } from '../connection/types.ts';

/** Where `qgjob login` keeps its profiles: in the user's folder of settings. */
export function profilesFile(env: Variables, platform: string = process.platform): string {
  const folder =
    platform === 'win32'
      ? env.APPDATA || homedir()
      : env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config');
  return join(folder, 'qgjob', 'profiles.json');
}
