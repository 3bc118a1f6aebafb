import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { writeReport } from '../report/write-report.ts';
import { makeJob, makeRecord } from './records.ts';

/** A job's workspace, and a folder beside it that nothing may change. */
export function makePlaces() {
  const base = mkdtempSync(join(tmpdir(), 'qgjob-report-'));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const [workspace, outside] = [join(base, 'workspace'), join(base, 'outside')];
  mkdirSync(join(workspace, 'app'), { recursive: true });
  mkdirSync(join(outside, 'kept'), { recursive: true });
  writeFileSync(join(outside, 'junit.xml'), 'kept');
  return { workspace, outside };
}

const record = makeRecord([makeJob('a.spec.ts')]);
/** Writes the report of one job. */
export const write = (workspace: string, reportPath: string, directory = workspace) =>
  writeReport(record, { workspace, directory, reportPath });
