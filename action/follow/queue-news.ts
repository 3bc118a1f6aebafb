import type { Client, RunView } from '../../client/index.ts';
import { formatDuration } from '../../protocol/durations.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import type { Why } from '../../protocol/shapes/why.ts';
import type { Fold, Say } from '../log/quiet-log.ts';
import { readDeviceNames } from '../report/read-evidence.ts';
import { maxLogs, readFailedLog } from './failed-logs.ts';

const everyMs = 30_000;
const callMs = 10_000;
const settleMs = 2000;
const maxLeases = 200;

/** What the server knows beside the run: which device prepares and runs, why nothing starts, what a failed test wrote. */
export interface QueueNews {
  /** Asks the server where there is something to say, without waiting for it. */
  look(view: RunView, changed: readonly Job[]): void;
  /** Resolves when nothing more will be said, after 2 s at most. */
  settle(): Promise<void>;
}

export interface NewsOptions {
  readonly say: Say;
  readonly fold: Fold;
  readonly stop: AbortSignal;
  /** Monotonic, in ms. */
  now(): number;
}

/** An answer that does not come is nothing to say. */
export function createQueueNews(client: Client, { say, fold, stop, now }: NewsOptions): QueueNews {
  const said = new Set<string>();
  let logs = 0;
  const end = new AbortController();
  let names: ReadonlyMap<string, string> = new Map();
  let whyAt = Number.NEGATIVE_INFINITY;
  // One after the other, so that lines come in the order of what they tell.
  let last: Promise<void> = Promise.resolve();
  const later = (work: (signal: AbortSignal) => Promise<void>): void => {
    last = last
      .then(() => work(AbortSignal.any([stop, end.signal, AbortSignal.timeout(callMs)])))
      .catch(() => undefined);
  };
  return {
    look(view, changed) {
      for (const [id, words] of leaseWords(changed, said))
        later(async (signal) => {
          if (!names.has(id)) names = await readDeviceNames(client, signal);
          say(`${words} on ${names.get(id) ?? id}`);
        });
      for (const job of changed.filter(isBad).slice(0, maxLogs - logs)) {
        logs += 1;
        later(async (signal) => {
          const log = await readFailedLog(client, job, signal);
          if (log !== undefined) fold(...log);
        });
      }
      const next = nextInQueue(view);
      if (next === undefined || now() - whyAt < everyMs) return;
      whyAt = now();
      later(async (signal) => {
        const why = await client.call('explainJob', { params: { id: next.job_id }, signal });
        const words = describeWhy(why);
        if (words !== '') say(words);
      });
    },
    async settle() {
      const timer = setTimeout(() => end.abort(), settleMs);
      await last;
      clearTimeout(timer);
    },
  };
}

/** A line when a device takes a group of jobs, and one when its first test runs. */
function leaseWords(changed: readonly Job[], said: Set<string>): [device: string, words: string][] {
  return changed.flatMap(({ status, lease_id: lease, device_id: device }): [string, string][] => {
    if (lease === null || device === null || said.size >= maxLeases) return [];
    const words = status === 'scheduled' ? 'installing' : status === 'running' ? 'running' : undefined;
    if (words === undefined || said.has(`running ${lease}`) || said.has(`${words} ${lease}`)) return [];
    said.add(`${words} ${lease}`);
    return [[device, words]];
  });
}

const isBad = ({ status }: Job): boolean => status === 'failed' || status === 'errored';

/** The first job that waits, while no job of the run has a device. */
function nextInQueue({ run, jobs }: RunView): Job | undefined {
  if (run.counts.running + run.counts.scheduled > 0) return undefined;
  return [...jobs.values()].find(({ status }) => status === 'queued' || status === 'waiting');
}

/** `number 3 in the queue: every device is busy; starts in about 2 m 05 s`. */
export function describeWhy({ position, blocked_by: blocks, starts_in_ms: starts }: Why): string {
  const reasons = blocks.map(({ message }) => message).slice(0, 3);
  const parts = [
    ...(position === null ? [] : [`number ${position} in the queue`]),
    ...reasons,
    ...(starts === null || starts === 0 ? [] : [`starts in about ${formatDuration(starts)}`]),
  ];
  return parts.length === 0 ? '' : `waiting: ${parts.join('; ')}`;
}
