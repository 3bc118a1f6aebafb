import type { Command } from '../children/run-child.ts';
import { fillArgv } from './fill-argv.ts';
import type { InstallRequest } from './request.ts';

/** The install of a preset by a command of the settings. */
export const installCommand =
  (install: readonly string[]) =>
  (request: InstallRequest): Command => ({
    argv: fillArgv(install, request),
    cwd: request.root,
    env: request.env,
  });
