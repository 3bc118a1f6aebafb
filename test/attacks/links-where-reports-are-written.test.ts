import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { captureLog } from '../../action/test-support/captured-log.ts';
import { makePlaces, write } from '../../action/test-support/report-places.ts';

const log = captureLog();

test.each([
  ['the folder is a link', 'qgjob-report', 'qgjob-report'],
  ['a folder above is a link', 'out', 'out/deep/qgjob-report'],
  ['the link leads to where something would be made', 'out', 'out/new'],
])('when %s nothing is written through it, with a warning', (_, link, path) => {
  const { workspace, outside } = makePlaces();
  symlinkSync(outside, join(workspace, link));
  expect(write(workspace, path)).toEqual({});
  expect(log()).toMatch(/^::warning::the report was not written: \S+ is a link/);
  expect(readdirSync(outside).sort()).toEqual(['junit.xml', 'kept']);
  expect(readFileSync(join(outside, 'junit.xml'), 'utf8')).toBe('kept');
});

test('a link that leads nowhere makes nothing there, and a working directory that is one is none', () => {
  const { workspace, outside } = makePlaces();
  symlinkSync(join(outside, 'new'), join(workspace, 'qgjob-report'));
  expect(write(workspace, 'qgjob-report')).toEqual({});
  expect(existsSync(join(outside, 'new'))).toBe(false);
  symlinkSync(outside, join(workspace, 'mobile'));
  expect(write(workspace, 'qgjob-report', join(workspace, 'mobile'))).toEqual({});
  expect(readdirSync(outside).sort()).toEqual(['junit.xml', 'kept']);
});

test.each(['run.json', 'junit.xml', 'ctrf.json'])(
  '%s that is a link is replaced, and where it led stays as it is',
  (name) => {
    const { workspace, outside } = makePlaces();
    mkdirSync(join(workspace, 'report'));
    symlinkSync(join(outside, 'junit.xml'), join(workspace, 'report', name));
    expect(write(workspace, 'report')).not.toEqual({});
    expect(lstatSync(join(workspace, 'report', name)).isFile()).toBe(true);
    expect(readFileSync(join(outside, 'junit.xml'), 'utf8')).toBe('kept');
  },
);

test('a link in the folder that leads out of it is removed before anything uploads it, with a warning', () => {
  const { workspace, outside } = makePlaces();
  const folder = join(workspace, 'qgjob-report');
  mkdirSync(join(folder, 'deep/er'), { recursive: true });
  mkdirSync(join(workspace, '.git'));
  writeFileSync(join(workspace, '.git/config'), 'extraheader = AUTHORIZATION');
  symlinkSync('../.git/config', join(folder, 'x'));
  symlinkSync(outside, join(folder, 'deep/er/y'));
  symlinkSync('../../later', join(folder, 'deep/z'));
  symlinkSync('deep', join(folder, 'inside'));
  expect(write(workspace, 'qgjob-report')).toHaveProperty('junit-path');
  expect(readdirSync(folder).sort()).toEqual(['ctrf.json', 'deep', 'inside', 'junit.xml', 'run.json']);
  expect(readdirSync(join(folder, 'deep'), { recursive: true })).toEqual(['er']);
  expect(log()).toMatch(
    /^::warning::links that lead out of the folder of the report were removed from it: \S+/,
  );
  expect(readFileSync(join(workspace, '.git/config'), 'utf8')).toContain('AUTHORIZATION');
  expect(readFileSync(join(outside, 'junit.xml'), 'utf8')).toBe('kept');
});
