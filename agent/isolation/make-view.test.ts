import { spawnSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../test-support/host.ts';

const program = `
const { makeView } = await import(${JSON.stringify(join(import.meta.dirname, 'make-view.ts'))});
const [hidden, lease] = process.argv.slice(1);
const places = [{ path: hidden, sight: 'hidden' }, { path: lease, sight: 'shown' }];
const { steps } = await makeView(places, lease);
process.stdout.write(steps[0][1]);`;

test('users of tests get to what is shown in a hidden folder, also where all that the agent makes is its own', () => {
  const hidden = makeWorkspace();
  const lease = join(hidden, 'outer/lease');
  mkdirSync(lease, { recursive: true });
  const words = ['-c', 'umask 077; exec "$@"', 'sh', process.execPath, '--input-type=module'];
  const { stdout: cover, stderr } = spawnSync('sh', [...words, '--eval', program, hidden, lease], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  const modes = ['', 'outer', 'outer/lease'].map((path) => statSync(join(cover, path)).mode & 0o7777);
  expect(modes).toEqual([0o1777, 0o755, 0o755]);
});
