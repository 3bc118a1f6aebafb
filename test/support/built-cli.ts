import { dirname, join } from 'node:path';
import { projectRoot } from './sources.ts';

/** The built `qgjob`, run with this process's Node. */
export const builtCli = join(projectRoot, 'build/cli/main.js');

/** The environment of a started program: PATH, HOME and these variables, nothing of this process. */
export const programEnv = (home: string, more: Readonly<Record<string, string>> = {}) => ({
  PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
  HOME: home,
  ...more,
});
