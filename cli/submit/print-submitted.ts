import type { SubmitAnswer } from '../../protocol/shapes/run.ts';
import { print, printJson } from '../output/print.ts';

/** A new run: its id and one job id a line, or the whole answer. */
export function printSubmitted(answer: SubmitAnswer, json: boolean): void {
  if (json) printJson(answer);
  else for (const id of [answer.run.run_id, ...answer.jobs.map((job) => job.job_id)]) print(id);
}
