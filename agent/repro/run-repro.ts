import { join } from 'node:path';
import { formatDuration } from '../../protocol/durations.ts';
import { OutputTail } from '../children/output-tail.ts';
import { type ChildEnd, type ChildOptions, type Command, runChild } from '../children/run-child.ts';
import { withOutside } from '../leases/outside-files.ts';
import { type AttemptResult, errored } from '../reports/attempt-result.ts';
import { defaultTiming, longestTimerMs } from '../timing.ts';
import type { PlannedRepro, Step } from './plan-repro.ts';
import type { Show } from './prepare-test.ts';

export interface RunOptions {
  /** Of this repro alone. */
  readonly folder: string;
  readonly show: Show;
  /** Aborts: what runs is asked to end, as a cancelled test is. */
  readonly stop: AbortSignal;
  /** Aborts: it is killed. */
  readonly kill: AbortSignal;
}

/** Runs a set-up or an install. Answers why it failed; undefined: it did not. */
export async function runStep(step: Step, options: RunOptions): Promise<string | undefined> {
  const tail = noMasks();
  const onOutput: Show = (bytes, stream) => {
    tail.add(bytes);
    options.show(bytes, stream);
  };
  const end = await run(
    step,
    { ...options, show: onOutput },
    { ownSignal: 'SIGTERM', timeoutMs: longestTimerMs },
  );
  if (end.failure !== undefined) return end.failure;
  if (end.code !== 0) return `it ended with ${end.code ?? end.signal}`;
  return step.refuse?.(tail.lines());
}

/** Runs the test as long as its job may take. The result is what an agent would report. */
export async function runTest(
  { steps, test: { outside, watch }, ownSignal }: PlannedRepro,
  timeoutMs: number,
  options: RunOptions,
): Promise<AttemptResult> {
  const command = steps.at(-1) as Step;
  const tail = noMasks();
  const watched = watch((bytes, stream) => {
    tail.add(bytes);
    options.show(bytes, stream);
  });
  const end = await withOutside(options.folder, outside, () =>
    run(command, { ...options, show: watched.write }, { ownSignal, timeoutMs }),
  );
  const result = await watched.end(end, tail.lines());
  if (end.stopped === undefined) return result;
  if (end.stopped === 'timeout') return errored('timeout', `ran longer than ${formatDuration(timeoutMs)}`);
  return { verdict: 'cancelled' };
}

async function run(
  command: Command,
  { folder, show, stop, kill }: RunOptions,
  how: Pick<ChildOptions, 'ownSignal' | 'timeoutMs'>,
): Promise<ChildEnd> {
  const cancel = new AbortController();
  const onStop = (): void => cancel.abort('cancelled');
  stop.addEventListener('abort', onStop);
  if (stop.aborted) onStop();
  try {
    return await runChild(command, {
      ...how,
      ...{ onOutput: show, kill, stop: cancel.signal },
      ...{ ladder: defaultTiming.ladder, marker: join(folder, 'children') },
    });
  } finally {
    stop.removeEventListener('abort', onStop);
  }
}

/** What is quoted is shown to the person whose secrets they are. */
const noMasks = (): OutputTail => new OutputTail({ reach: 0, maskFrom: (bytes) => bytes });
