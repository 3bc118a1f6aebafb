import type { Client } from '../../client/index.ts';
import { warningsOf } from '../../client/submit-words.ts';
import { oneLine } from '../../protocol/clean-text.ts';
import { exitCodes } from '../../protocol/exit-codes.ts';
import type { SubmitAnswer } from '../../protocol/shapes/run.ts';
import { print, printJson, say } from '../output/print.ts';
import type { WaitFlags } from './wait-flags.ts';
import { waitFor } from './wait-for.ts';

/**
 * Prints a new run: its id and one job id a line, with `--json` the whole answer; warnings of the server on stderr.
 * With `--wait` waits for it. Resolves to the exit code.
 */
export async function reportSubmitted(
  client: Client,
  answer: SubmitAnswer,
  flags: WaitFlags,
): Promise<number> {
  const { run, jobs } = answer;
  const json = flags.json ?? false;
  for (const warning of warningsOf(answer)) say(`warning: ${oneLine(warning)}`);
  if (json) printJson(answer);
  else
    for (const id of [run.run_id, ...(run.hunt && flags.wait ? [] : jobs.map((job) => job.job_id))])
      print(id);
  if (!flags.wait) {
    if (process.stderr.isTTY) say(`qgjob: follow it with \`qgjob wait ${run.run_id}\``);
    return exitCodes.success;
  }
  return waitFor(client, [{ id: run.run_id, kind: 'run' }], { timeoutMs: flags.timeout, json });
}
