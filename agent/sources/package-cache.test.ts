import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HostLocks } from '../resources/host-lock.ts';
import { makeWorkspace } from '../test-support/host.ts';
import { PackageCache } from './package-cache.ts';

const never = new AbortController().signal;
const key = 'a'.repeat(64);

/** A cache with one entry, of a file and a link to a folder. */
async function makeCache() {
  const base = makeWorkspace({ 'top/modules/left/text': 'as it was made' });
  symlinkSync('left', join(base, 'top/modules/link'));
  const open = () => new PackageCache(join(base, 'cache'), new HostLocks(join(base, 'locks')));
  const cache = open();
  await cache.add(key, join(base, 'top'), ['modules', 'none'], ['left'], never);
  const copy = async (of = cache) => {
    const to = join(base, `copy-${readdirSync(base).length}`);
    mkdirSync(to);
    const note = await of.copy(key, to, never);
    return note && { note, text: readFileSync(join(to, 'modules/link/text'), 'utf8') };
  };
  const kept = () => readdirSync(join(base, 'cache'));
  return { base, open, copy, kept, entry: join(base, 'cache', key) };
}

const whole = { note: { scripted: ['left'] }, text: 'as it was made' };

test('an entry is copied with its links, also by an agent that starts later', async () => {
  const { copy, open } = await makeCache();
  expect(await copy()).toMatchObject(whole);
  expect(await copy(open())).toMatchObject(whole);
});

const damages: [what: string, script: string][] = [
  [
    'a file is rewritten and has its old time',
    'touch -r left/text old; echo x > left/text; touch -r old left/text; rm old',
  ],
  ['a file is replaced', 'echo x > new; mv new left/text'],
  ['a file may be executed now', 'chmod +x left/text'],
  ['a folder is added', 'mkdir more'],
  ['a file is removed', 'rm left/text'],
  ['a file is a link now', 'ln -sf /etc/hostname left/text'],
  ['a file is a pipe now', 'rm left/text; mkfifo left/text'],
  ['a link leads elsewhere', 'rm link; ln -s .. link'],
  ['all is gone', 'rm -r left link'],
  [
    'it is another file than the one whose link it has become',
    'ln left/text ../../../hard; echo x > ../../../hard',
  ],
];

test.each(damages)('an entry that was changed is removed: %s', async (_what, script) => {
  const { copy, kept, entry } = await makeCache();
  execFileSync('sh', ['-ec', script], { cwd: join(entry, 'tree/modules') });
  expect(await copy()).toBeUndefined();
  expect(kept()).toEqual(script.includes('hard') ? ['hard'] : []);
});

test('what a process knows of an entry counts, not what was written beside it', async () => {
  const { copy, entry } = await makeCache();
  writeFileSync(join(entry, 'note.json'), JSON.stringify({ digest: 'x', bytes: 1, scripted: [] }));
  expect(await copy()).toMatchObject(whole);
});

test('an entry whose note is damaged is removed by an agent that starts later', async () => {
  const { copy, open, entry, kept } = await makeCache();
  writeFileSync(join(entry, 'note.json'), '{');
  expect(await copy(open())).toBeUndefined();
  expect(kept()).toEqual([]);
});

test('what cannot be kept leaves nothing', async () => {
  const { base, open, kept } = await makeCache();
  execFileSync('mkfifo', [join(base, 'top/modules/pipe')]);
  await expect(open().add(key, join(base, 'top'), ['modules'], [], never)).rejects.toThrow('no plain file');
  expect(kept()).toEqual([]);
});

test('one at a time makes an entry, the next one when that is done, and one that is told to stop waits no longer', async () => {
  const { open } = await makeCache();
  const lock = await open().lock(key, never);
  const stop = new AbortController();
  const [stopped, waits] = [open().lock(key, stop.signal), open().lock(key, never)];
  stop.abort();
  await expect(stopped).rejects.toThrow();
  lock.unlock();
  (await waits).unlock();
});
