import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HostLocks } from '../resources/host-lock.ts';
import { freePort } from '../test-support/free-port.ts';
import { makeWorkspace } from '../test-support/host.ts';
import { answerOf, by, inUse, open, suite } from '../test-support/served-suite.ts';

const nowhere = (): void => undefined;

test('leases of a run share one server, with the variables that Playwright sets for it', async () => {
  const port = await freePort();
  const { servers } = open(new HostLocks(makeWorkspace()));
  const request = suite('one', port);
  const uses = (await Promise.all([1, 2].map(() => servers.use(by('run_1'), request, nowhere)))).map(inUse);
  expect(uses.map(({ isNew }) => isNew).sort()).toEqual([false, true]);
  expect(uses[0]?.env).toMatchObject({ PLAYWRIGHT_TEST_BASE_URL: `http://localhost:${port}` });
  expect(await answerOf(port)).toBe('one');
  expect(readFileSync(join(request.folder, 'starts'), 'utf8')).toBe('x');
  for (const use of uses) use.release();
  await servers.close();
  await expect(answerOf(port)).rejects.toThrow();
  expect(readdirSync(request.folder).filter((name) => name.startsWith('.qgjob.'))).toEqual([]);
});

test('a second run on the same port is refused while the first one uses it, and served when it does not', async () => {
  const port = await freePort();
  const { servers, busy } = open(new HostLocks(makeWorkspace()));
  const first = inUse(await servers.use(by('run_1', 'source_1'), suite('one', port), nowhere));
  const second = suite('two', port);
  expect(await servers.use(by('run_2', 'source_2'), second, nowhere)).toEqual({ busy: `port:${port}` });
  expect(existsSync(join(second.folder, 'starts'))).toBe(false);
  expect(busy.list).toEqual(['source_2']);
  const { changed } = busy;
  first.release();
  expect(changed.aborted).toBe(true);
  expect(busy.list).toEqual([]);
  inUse(await servers.use(by('run_2', 'source_2'), second, nowhere));
  expect(await answerOf(port)).toBe('two');
  // What the first one needs is known by now.
  expect(busy.list).toEqual(['source_1']);
});

test('two runs of one source have a server each, one after the other', async () => {
  const port = await freePort();
  const { servers, busy } = open(new HostLocks(makeWorkspace()));
  const first = inUse(await servers.use(by('run_1', 'same'), suite('one', port), nowhere));
  expect(await servers.use(by('run_2', 'same'), suite('two', port), nowhere)).toEqual({
    busy: `port:${port}`,
  });
  expect(busy.list).toEqual(['same']);
  first.release();
  expect(busy.list).toEqual([]);
});

test('another agent of the host gets the port once the servers of this one are idle', async () => {
  const port = await freePort();
  const folder = makeWorkspace();
  const here = open(new HostLocks(folder));
  const use = inUse(await here.servers.use(by('run_1'), suite('one', port), nowhere));
  const there = new HostLocks(folder);
  expect(there.tryLock(`port:${port}`)).toBeUndefined();
  there.want(`port:${port}`);
  use.release();
  let lock = there.tryLock(`port:${port}`);
  while (!lock) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    lock = there.tryLock(`port:${port}`);
  }
  await expect(answerOf(port)).rejects.toThrow();
  lock.unlock();
});

test('a server that does not start is a failure with its own words, and is not tried for ever', async () => {
  const config = `export default { webServer: { command: 'echo no such table >&2; exit 3', port: 1, stderr: 'pipe' } };`;
  const { servers } = open(new HostLocks(makeWorkspace()));
  const request = suite('one', 1, config);
  const failed = { failed: expect.stringMatching(/no such table[\s\S]*Exit code: 3/) };
  for (let time = 0; time < 3; time += 1)
    expect(await servers.use(by('run_1'), request, nowhere)).toEqual(failed);
  expect(readdirSync(request.folder).filter((name) => name.startsWith('serve-'))).toHaveLength(2);
});

test('a configuration without web servers starts nothing', async () => {
  const { servers } = open(new HostLocks(makeWorkspace()));
  const request = suite('one', 1, 'export default {};');
  expect(await servers.use(by('run_1'), request, nowhere)).toBe('none');
});

test('the folder of a lease stays as long as its servers, which several leases use', async () => {
  const port = await freePort();
  const { servers } = open(new HostLocks(makeWorkspace()));
  const request = suite('one', port);
  const use = inUse(await servers.use(by('run_1'), request, nowhere));
  let removed = 0;
  const remove = async (): Promise<void> => {
    removed += 1;
  };
  await servers.leaveFolder(request.folder, remove);
  use.release();
  expect(removed).toBe(0);
  expect(await answerOf(port)).toBe('one');
  await servers.close();
  expect(removed).toBe(1);
});
