import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder } from '../../test/support/processes.ts';
import { keepFolder } from './keep-folder.ts';

const shown = (folder: string) => readdirSync(folder).filter((name) => !name.startsWith('.'));

test('what was put there before is replaced whole', async () => {
  const folder = makeFolder({});
  const keep = (files: Record<string, string>) => keepFolder(folder, makeFolder(files), folder, 'playwright');
  await keep({ 'index.html': 'one', 'old.txt': '' });
  const to = await keep({ 'index.html': 'two' });
  expect(to).toBe(join(folder, 'playwright'));
  expect(shown(to)).toEqual(['index.html']);
  expect(readFileSync(join(to, 'index.html'), 'utf8')).toBe('two');
});

test('a folder of the suite stays as it is, whatever it holds', async () => {
  const folder = makeFolder({ 'playwright/index.html': 'of the suite', 'playwright/index.ts': '' });
  const keep = () => keepFolder(folder, makeFolder({ 'index.html': 'ours' }), folder, 'playwright');
  await keep();
  const to = await keep();
  expect(to).toBe(join(folder, 'qgjob-playwright'));
  expect(shown(to)).toEqual(['index.html']);
  expect(readdirSync(join(folder, 'playwright'))).toEqual(['index.html', 'index.ts']);
  expect(readFileSync(join(folder, 'playwright/index.html'), 'utf8')).toBe('of the suite');
});

test('where both names are taken, nothing is written', async () => {
  const folder = makeFolder({ 'playwright/a.ts': '', 'qgjob-playwright/a.ts': '' });
  await expect(keepFolder(folder, makeFolder({}), folder, 'playwright')).rejects.toThrow(
    'has other files in it',
  );
});
