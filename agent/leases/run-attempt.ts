import { formatDuration } from '../../protocol/durations.ts';
import type { LeasedJob } from '../../protocol/shapes/agent.ts';
import { OutputTail } from '../children/output-tail.ts';
import type { StopReason } from '../children/signal-ladder.ts';
import type { JobPreset, PreparedTest } from '../frameworks/preset.ts';
import type { LogPump } from '../logs/log-pump.ts';
import { type AttemptResult, errored } from '../reports/attempt-result.ts';
import { type LeaseWork, runLeaseChild, testRequest } from './lease-work.ts';
import { withOutside } from './outside-files.ts';

/** What an attempt came to, and the folder in which it may have left files; undefined where nothing was run. */
export interface Attempted {
  readonly result: AttemptResult;
  readonly artifacts?: string;
}

/**
 * Runs a test to its result. An error of the agent is a result too: the attempt was started, so the server must get its
 * end.
 */
export async function runAttempt(
  work: LeaseWork,
  preset: JobPreset,
  job: LeasedJob,
  stop: AbortSignal,
  log: LogPump,
): Promise<Attempted> {
  if (stop.aborted) return { result: stopped(stop.reason as StopReason, job.timeout_ms) };
  let artifacts: string | undefined;
  const ended = (result: AttemptResult): Attempted => ({ result, ...(artifacts && { artifacts }) });
  try {
    const request = await testRequest(work, job);
    artifacts = request.artifacts;
    const prepared = await preset.prepare(request);
    if ('rejected' in prepared) return ended(errored('rejected', prepared.rejected));
    return ended(
      await withOutside(work.folder, prepared.outside, () => runPrepared(work, job, stop, log, prepared)),
    );
  } catch (error) {
    const words = `the agent could not run the test: ${(error as Error).message}`;
    return ended(errored('infra_error', words));
  }
}

async function runPrepared(
  work: LeaseWork,
  job: LeasedJob,
  stop: AbortSignal,
  log: LogPump,
  prepared: PreparedTest,
): Promise<AttemptResult> {
  const tail = new OutputTail(work.agent.masks);
  const end = await runLeaseChild(work, prepared.command, {
    onOutput: (bytes) => {
      tail.add(bytes);
      log.write(bytes);
    },
    timeoutMs: job.timeout_ms,
    stop,
  });
  const result = await prepared.read(end, tail.lines());
  // The tests that a stopped attempt had run are reported; its verdict is not.
  return end.stopped === undefined ? result : stopped(end.stopped, job.timeout_ms, result.tests);
}

function stopped(reason: StopReason, timeoutMs: number, tests?: AttemptResult['tests']): AttemptResult {
  if (reason === 'cancelled') return { verdict: 'cancelled', ...(tests && { tests }) };
  if (reason === 'timeout') return errored('timeout', `ran longer than ${formatDuration(timeoutMs)}`, tests);
  return errored('interrupted', 'the agent was stopped before the test ended', tests);
}
