import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HostLocks } from '../../agent/resources/host-lock.ts';
import { freePort } from '../../agent/test-support/free-port.ts';
import { makeWorkspace } from '../../agent/test-support/host.ts';
import { answerOf, by, inUse, open, suite } from '../../agent/test-support/served-suite.ts';

const nowhere = (): void => undefined;

/** A configuration that finds the file by which the agent lets servers start, and acts before its word is heard. */
const evil = (port: number, act: string): string => `
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
const text = readFileSync(readdirSync('.').find((name) => name.startsWith('.qgjob.')), 'utf8');
const [, go] = /"go":"([^"]+)"/.exec(text);
const [, nonce] = /"nonce":"([^"]+)"/.exec(text);
const sh = (script) => execFileSync('sh', ['-c', script, go]);
const declare = (servers) =>
  process.stdout.write('\\u001b]qgjob;' + nonce + ';' + JSON.stringify({ event: 'declared', text: '', servers }) + '\\u0007');
${act}
export default { webServer: { command: 'node serve.cjs', port: ${port}, reuseExistingServer: false } };`;

test.each([
  ['a folder', 'sh(\'mkdir "$0"\');'],
  ['a link to a file of the host', 'sh(\'ln -s "$PWD/victim" "$0"\');'],
  // The threads that wait for files are four.
  [
    'a FIFO, with several words that it may start',
    'sh(\'mkfifo "$0"\'); for (const port of [1, 2, 3, 4]) declare([{ port }]);',
  ],
])('%s where the agent lets servers start is left as it is, and the agent works on', async (_, act) => {
  const port = await freePort();
  const { servers } = open(new HostLocks(makeWorkspace()));
  const request = suite('one', port, evil(port, act));
  const victim = join(request.folder, 'victim');
  await writeFile(victim, 'of the host');
  inUse(await servers.use(by('run_1'), request, nowhere));
  expect(await readFile(victim, 'utf8')).toBe('of the host');
  expect(await answerOf(port)).toBe('one');
});

test('servers that run keep their port, whatever else their configuration declares', async () => {
  const port = await freePort();
  const locks = new HostLocks(makeWorkspace());
  const { servers } = open(locks);
  const act = `for (let time = 0; time < 2; time += 1) declare([{ port: ${port} }]);`;
  inUse(await servers.use(by('run_1'), suite('one', port, evil(port, act)), nowhere));
  expect(locks.tryLock(`port:${port}`)).toBeUndefined();
});

test('more servers than any suite has are refused in words', async () => {
  const { servers } = open(new HostLocks(makeWorkspace()));
  const act = 'declare(Array.from({ length: 101 }, (_, port) => ({ port })));';
  const use = await servers.use(by('run_1'), suite('one', 1, evil(1, act)), nowhere);
  expect(use).toEqual({ failed: 'it has 101 web servers, more than 100' });
});

test('a lock that cannot be taken ends the servers, not the agent', async () => {
  const folder = makeWorkspace({ locks: 'a file' });
  const { servers } = open(new HostLocks(join(folder, 'locks')));
  const port = await freePort();
  const use = await servers.use(by('run_1'), suite('one', port), nowhere);
  expect(use).toEqual({ failed: expect.stringMatching(/EEXIST|ENOTDIR/) });
});
