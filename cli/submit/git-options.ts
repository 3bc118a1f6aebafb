import type { GitOptions } from '../../client/run-git.ts';
import { environment } from '../config.ts';

/** How git is asked about the folder of a command: with the environment of this process. */
export const gitOptions = (): GitOptions => ({
  env: Object.fromEntries(
    Object.entries(environment()).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  ),
});
