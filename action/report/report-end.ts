import * as core from '@actions/core';
import type { Followed } from '../follow/follow-run.ts';
import { judgeRun } from '../follow/judge-run.ts';
import type { Inputs } from '../inputs/inputs.ts';
import { cleanLine } from '../log/clean-lines.ts';
import type { Plan } from '../submit/plan-submit.ts';
import { annotate } from './annotate.ts';
import { runOutputs, setOutputs } from './outputs.ts';
import { printFailures } from './print-failures.ts';
import { repositoryOf } from './repository.ts';
import { writeReport } from './write-report.ts';
import { writeSummary } from './write-summary.ts';

/** Tells how it ended: outputs first, since a step that is killed half way keeps those, then everything for people. */
export async function reportEnd(followed: Followed, inputs: Inputs, plan: Plan): Promise<void> {
  const { record, ending } = followed;
  const waited = ending !== 'submitted';
  const failure = waited ? judgeRun(followed, inputs.timeoutMs) : undefined;
  setOutputs(runOutputs(record, ending));
  if (waited && inputs.reportPath !== '') {
    setOutputs(writeReport(record, { ...plan, reportPath: inputs.reportPath }));
  }
  await printFailures(record.jobs);
  if (inputs.annotations) annotate(record.jobs, repositoryOf(plan.checkout));
  if (inputs.summary) await writeSummary({ record, failure, waited });
  if (failure !== undefined) core.setFailed(cleanLine(failure));
}
