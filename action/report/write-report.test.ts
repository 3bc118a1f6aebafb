import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { captureLog } from '../test-support/captured-log.ts';
import { makeJob, makeRecord } from '../test-support/records.ts';
import { writeReport } from './write-report.ts';

const log = captureLog();

/** A job's workspace, and a folder beside it that nothing may change. */
function makePlaces() {
  const base = mkdtempSync(join(tmpdir(), 'qgjob-report-'));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const [workspace, outside] = [join(base, 'workspace'), join(base, 'outside')];
  mkdirSync(join(workspace, 'app'), { recursive: true });
  mkdirSync(join(outside, 'kept'), { recursive: true });
  writeFileSync(join(outside, 'junit.xml'), 'kept');
  return { workspace, outside };
}

const record = makeRecord([makeJob('a.spec.ts')]);
const write = (workspace: string, reportPath: string, directory = workspace) =>
  writeReport(record, { workspace, directory, reportPath });

test.each(['qgjob-report/', 'a/b/c', './out', 'app/../x'])(
  'the report is written below %s, again too',
  (path) => {
    const { workspace } = makePlaces();
    const outputs = write(workspace, path);
    expect(write(workspace, path)).toEqual(outputs);
    expect(outputs['junit-path']).toBe(join(workspace, path, 'junit.xml'));
    expect(readFileSync(String(outputs['junit-path']), 'utf8')).toContain('<testsuites');
    expect(readdirSync(join(workspace, path)).sort()).toEqual(['ctrf.json', 'junit.xml', 'run.json']);
    expect(log()).toBe('');
  },
);

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

test('a folder or a file in the way is a warning, and leaves no draft', () => {
  const { workspace } = makePlaces();
  mkdirSync(join(workspace, 'report/junit.xml'), { recursive: true });
  writeFileSync(join(workspace, 'taken'), '');
  expect([write(workspace, 'report'), write(workspace, 'taken')]).toEqual([{}, {}]);
  expect(log().match(/::warning::/g)).toHaveLength(2);
  expect(readdirSync(join(workspace, 'report')).sort()).toEqual(['junit.xml', 'run.json']);
});

test('a place outside of the workspace is the word of the workflow’s author, links on the way too', () => {
  const { workspace, outside } = makePlaces();
  symlinkSync(join(outside, 'kept'), join(outside, 'link'));
  const outputs = write(workspace, join(outside, 'link/reports'));
  expect(existsSync(String(outputs['junit-path']))).toBe(true);
  expect(existsSync(join(outside, 'kept/reports/run.json'))).toBe(true);
});
