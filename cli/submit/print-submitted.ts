import { warningsOf } from '../../client/submit-words.ts';
import { oneLine } from '../../protocol/clean-text.ts';
import type { SubmitAnswer } from '../../protocol/shapes/run.ts';
import { print, printJson, say } from '../output/print.ts';

/** A new run: its id and one job id a line, or the whole answer; what the server warns of on stderr. */
export function printSubmitted(answer: SubmitAnswer, json: boolean): void {
  for (const warning of warningsOf(answer)) say(`warning: ${oneLine(warning)}`);
  if (json) printJson(answer);
  else for (const id of [answer.run.run_id, ...answer.jobs.map((job) => job.job_id)]) print(id);
}
