import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

/** Starts a `sleep` that ends with it, on its own standard output, and says when that is watched. */
const parent = `
  const { spawn } = await import('node:child_process');
  const { endChildWithParent } = await import(process.argv[1]);
  const server = spawn('sleep', ['600'], { stdio: ['ignore', 'inherit', 'ignore'] });
  endChildWithParent(server);
  process.stdout.write(server.pid + '\\n');
  setInterval(() => {}, 1000);
`;

test('a server ends with a parent that was killed', async () => {
  const module = join(import.meta.dirname, 'end-with-parent.ts');
  const child = spawn(process.execPath, ['--input-type=module', '-e', parent, module], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [pid] = await once(child.stdout, 'data');
  expect(Number(String(pid))).toBeGreaterThan(1);
  const closed = once(child.stdout, 'end');
  child.kill('SIGKILL');
  // The output ends when nobody holds it any more, so also the server is gone.
  await closed;
});
