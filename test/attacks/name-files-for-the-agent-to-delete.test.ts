import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { noteOutside } from '../../agent/leases/outside-files.ts';
import { clear } from '../../agent/test-support/clear.ts';
import { deadPid, makeWorkspace } from '../../agent/test-support/host.ts';

const generated = `.qgjob.${randomUUID()}.config.ts`;

/** A folder of a dead process with one lease, and a folder elsewhere whose files must not be removed. */
function leftBy(pid: string): { root: string; lease: string; victim: string } {
  const root = makeWorkspace({ 'suite/playwright.config.ts': '', [`suite/${generated}`]: '' });
  const victim = makeWorkspace({ 'keep.txt': 'x', [generated]: '' });
  const lease = join(root, '.qgjob/agent/rack-1', pid, 'lease-1/l');
  mkdirSync(lease, { recursive: true });
  symlinkSync(victim, join(root, 'link'));
  return { root, lease, victim };
}

const forged: [what: string, path: (root: string, victim: string) => string][] = [
  ['any file of the workspace', (root) => join(root, 'suite/playwright.config.ts')],
  ['a file elsewhere', (_root, victim) => join(victim, 'keep.txt')],
  ['a generated name elsewhere', (_root, victim) => join(victim, generated)],
  ['a generated name behind a link', (root) => join(root, 'link', generated)],
  [
    'a generated name by a way round',
    (root, victim) => join(root, `suite/../../${basename(victim)}`, generated),
  ],
  ['a relative path', () => `suite/${generated}`],
];
test.each(forged)('a note that a test wrote about %s removes nothing', async (_what, path) => {
  const { root, lease, victim } = leftBy(deadPid());
  await noteOutside(lease, [path(root, victim)]);
  expect(await clear(root)).toEqual([]);
  expect(readdirSync(victim).sort()).toEqual([generated, 'keep.txt', 'node_modules'].sort());
  expect(readdirSync(join(root, 'suite')).sort()).toEqual([generated, 'playwright.config.ts'].sort());
});

const oddNotes: [what: string, make: (note: string, victim: string) => void][] = [
  ['a pipe', (note) => execFileSync('mkfifo', [note])],
  ['a folder', (note) => mkdirSync(note)],
  ['a link', (note, victim) => symlinkSync(join(victim, 'keep.txt'), note)],
];
test.each(oddNotes)('%s in place of the note is neither read nor waited for', async (_what, make) => {
  const { root, lease, victim } = leftBy(deadPid());
  make(join(lease, 'outside'), victim);
  expect(await clear(root)).toEqual([]);
  expect(existsSync(join(victim, 'keep.txt'))).toBe(true);
  expect(readdirSync(join(root, '.qgjob/agent/rack-1'))).toEqual([]);
});

test('links in place of folders are removed, and what they lead to is left alone', async () => {
  const { root, lease, victim } = leftBy(deadPid());
  symlinkSync(victim, join(lease, 'artifacts'));
  symlinkSync(victim, join(root, '.qgjob/agent/rack-1', deadPid()));
  symlinkSync(victim, join(dirname(lease), '../lease-2'));
  expect(await clear(root)).toEqual([]);
  expect(readdirSync(join(root, '.qgjob/agent/rack-1'))).toEqual([]);
  expect(readdirSync(victim).sort()).toEqual([generated, 'keep.txt', 'node_modules'].sort());
});
