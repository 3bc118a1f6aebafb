import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { captureLog } from '../test-support/captured-log.ts';
import { makePlaces, write } from '../test-support/report-places.ts';

const log = captureLog();

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
