import { type Client, waitForJob, waitForRun } from '../../client/index.ts';
import { exitCodes } from '../../protocol/exit-codes.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import { isFinal } from '../../protocol/states.ts';
import { readDeviceNames } from '../fleet/device-names.ts';
import type { NamedId } from '../ids.ts';
import { say } from '../output/print.ts';
import { progressWords } from '../output/progress-words.ts';
import type { DeviceNames } from './describe-hunt.ts';
import { HeldDevices } from './held-devices.ts';
import { LiveFacts } from './live-facts.ts';
import { Progress } from './progress.ts';
import { jsonReporter, type Reporter, textReporter } from './summary.ts';
import { verdictCode, worstCode } from './verdict-code.ts';
import { countsOfJob, WaitTotals } from './wait-totals.ts';

interface WaitForOptions {
  readonly timeoutMs: number | undefined;
  readonly json: boolean;
}

interface Wait {
  readonly client: Client;
  readonly totals: WaitTotals;
  readonly facts: LiveFacts;
  readonly progress: Progress;
  readonly reporter: Reporter;
  readonly held: HeldDevices;
  readonly signal: AbortSignal;
  readonly timeoutMs: number | undefined;
}

/**
 * Waits for all of these at once, with the progress on stderr, and prints each verdict as it comes. Resolves to the
 * exit code: `success` when all passed, `failed`, `waitTimedOut` or `interrupted`. Errors: the server's.
 */
export async function waitFor(
  client: Client,
  ids: readonly NamedId[],
  options: WaitForOptions,
): Promise<number> {
  const totals = new WaitTotals();
  const facts = new LiveFacts(client);
  const progress = new Progress(totals, facts);
  const names = ids.map(({ id }) => id).join(' ');
  const interrupt = onInterrupt(() => progress.note(interrupted(names)));
  const failed = new AbortController();
  const signal = AbortSignal.any([interrupt.signal, failed.signal]);
  const reporter = options.json ? jsonReporter : textReporter;
  const held = new HeldDevices(client, (line) => progress.above(() => say(line)));
  const wait = { client, totals, facts, progress, reporter, held, signal, timeoutMs: options.timeoutMs };
  try {
    const codes = await Promise.all(
      ids.map(({ id, kind }) => (kind === 'run' ? waitRun : waitJob)(wait, id)),
    );
    progress.stop();
    if (codes.includes(exitCodes.waitTimedOut)) say(timedOut(totals, names));
    return worstCode(codes);
  } catch (error) {
    if (interrupt.signal.aborted) return exitCodes.interrupted;
    // One that is refused ends the wait for all.
    failed.abort();
    throw error;
  } finally {
    progress.stop();
    interrupt.unhook();
  }
}

async function waitRun(wait: Wait, id: string): Promise<number> {
  const ended = new Set<string>();
  const { run, jobs } = await waitForRun(wait.client, id, {
    ...pollOptions(wait),
    onChange(view, changed) {
      for (const job of changed) wait.facts.set(job);
      if (wait.totals.set(id, view.run.counts)) wait.progress.moved();
      for (const job of changed) {
        if (!isFinal(job.status) || ended.has(job.job_id)) continue;
        ended.add(job.job_id);
        wait.progress.above(() => wait.reporter.jobEnded(job, view.run));
        if (job.status === 'failed') wait.held.look(id);
      }
    },
  });
  await wait.held.settled();
  const names = await namesFor(wait.client, run);
  return end(wait, run, () => wait.reporter.runEnded(run, jobs.values(), names));
}

/** Names of the devices, for what a hunt says of each. Without them it shows ids. */
const namesFor = async (client: Client, { hunt }: Run): Promise<DeviceNames> =>
  hunt ? readDeviceNames(client).catch(() => new Map()) : new Map();

async function waitJob(wait: Wait, id: string): Promise<number> {
  const job = await waitForJob(wait.client, id, {
    ...pollOptions(wait),
    onChange(now) {
      wait.facts.set(now);
      if (wait.totals.set(id, countsOfJob(now))) wait.progress.moved();
    },
  });
  return end(wait, job, () => wait.reporter.aloneEnded(job));
}

const pollOptions = ({ progress, signal, timeoutMs }: Wait) => ({
  signal,
  timeoutMs,
  onRetry: (message: string) => progress.note(`${message} (trying again)`),
});

function end(wait: Wait, of: Run | Job, report: () => void): number {
  wait.progress.above(report);
  return verdictCode(of) ?? exitCodes.waitTimedOut;
}

const interrupted = (names: string): string =>
  `qgjob: interrupted, but it goes on; come back with \`qgjob wait ${names}\`, stop it with \`qgjob cancel ${names}\``;

const timedOut = (totals: WaitTotals, names: string): string =>
  `qgjob: the wait timed out, but it goes on: ${progressWords(totals.total)}; wait again with \`qgjob wait ${names}\``;

interface Interrupt {
  readonly signal: AbortSignal;
  unhook(): void;
}

/** The first SIGINT calls `onFirst` and aborts; a second one ends the process. */
function onInterrupt(onFirst: () => void): Interrupt {
  const controller = new AbortController();
  const onSignal = (): void => {
    onFirst();
    controller.abort(new Error('interrupted'));
  };
  process.once('SIGINT', onSignal);
  return { signal: controller.signal, unhook: () => void process.off('SIGINT', onSignal) };
}
