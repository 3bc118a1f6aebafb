import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hasTools, newcomersPath } from '../support/host-tools.ts';
import { tempFolder } from '../support/queue.ts';
import { projectRoot } from '../support/sources.ts';

// As for a newcomer: the system's Node runs npx, and npm's cache is empty.
test.skipIf(!hasTools('npx')).each(['', 'examples', 'docs/decisions'])(
  'npx qgjob in %j prints only its own output',
  (folder) => {
    const home = tempFolder();
    const env = {
      PATH: newcomersPath,
      HOME: home,
      npm_config_cache: join(home, 'cache'),
      npm_config_offline: 'true',
    };
    const { status, stdout, stderr } = spawnSync('npx', ['qgjob', '--version'], {
      cwd: join(projectRoot, folder),
      encoding: 'utf8',
      env,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  },
);
