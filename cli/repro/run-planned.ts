import type { AttemptResult, PlannedRepro, runStep, runTest } from '../../agent/repro/repro.ts';
import { oneLine } from '../../protocol/clean-text.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { exitCodes } from '../../protocol/exit-codes.ts';
import { say } from '../output/print.ts';
import type { Laid } from './laid.ts';
import { shellLine } from './shell-line.ts';
import { showJson } from './show-repro.ts';
import type { Stop } from './stop-signals.ts';

/** How an agent runs programs; it is loaded only where it is needed. */
export interface Runners {
  readonly runStep: typeof runStep;
  readonly runTest: typeof runTest;
}

interface Options {
  readonly json?: true;
  readonly stop: Stop;
  /** The plan anew: after set-ups the framework is there, and its command is known better. */
  readonly replan: () => Promise<PlannedRepro>;
}

/** Set-ups and installs first, then the test. Resolves to the exit code. Errors: `unavailable`, where it could not be run. */
export async function runPlanned(
  laid: Laid,
  first: PlannedRepro,
  { runStep, runTest }: Runners,
  { json, stop, replan }: Options,
): Promise<number> {
  const options = {
    ...{ folder: laid.dir, stop: stop.soft, kill: stop.hard },
    // stdout is for JSON.
    show: (bytes: Buffer, stream: 'stdout' | 'stderr'): void =>
      void process[json ? 'stderr' : stream].write(bytes),
  };
  for (const step of first.steps.slice(0, -1)) {
    say(`$ ${shellLine(step, laid.hidden)}`);
    const why = await runStep(step, options);
    if (stop.soft.aborted) return exitCodes.interrupted;
    if (why !== undefined) throw unable(`the ${step.name} (${step.argv.join(' ')}) failed: ${why}`);
  }
  const planned = first.steps.length > 1 ? await replan() : first;
  if (planned.whyNot !== undefined) throw unable(planned.whyNot);
  for (const step of planned.steps.slice(-1)) say(`$ ${shellLine(step, laid.hidden)}`);
  const result = await runTest(planned, laid.repro.timeout_ms, options);
  const exitCode = exitCodeOf(result);
  if (json) showJson(laid, planned, { exitCode, result });
  else tell(laid, result);
  return exitCode;
}

const unable = (why: string): QgjobError => new QgjobError('unavailable', `it could not be run here: ${why}`);

/** An error of the host, or of what it lacks, says nothing about the test. */
const isOfHost = ({ verdict, error_class }: AttemptResult): boolean =>
  verdict === 'error' && error_class !== 'timeout' && error_class !== 'report_error';

function exitCodeOf(result: AttemptResult): number {
  if (result.verdict === 'passed') return exitCodes.success;
  if (result.verdict === 'cancelled') return exitCodes.interrupted;
  return isOfHost(result) ? exitCodes.unavailable : exitCodes.failed;
}

function tell({ dir }: Laid, result: AttemptResult): void {
  // The lines after the first one are of the output, which is above.
  const [first = ''] = (result.error ?? '').split('\n');
  const why = `${oneLine(first).replace(/:$/, '')}; its files are in ${dir}`;
  if (result.verdict === 'passed') say('passed here');
  else if (result.verdict !== 'cancelled')
    say(isOfHost(result) ? `it could not be run here: ${why}` : `did not pass here: ${why}`);
}
