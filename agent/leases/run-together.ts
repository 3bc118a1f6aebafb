import { randomUUID } from 'node:crypto';
import { formatDuration } from '../../protocol/durations.ts';
import type { LeasedJob } from '../../protocol/shapes/agent.ts';
import { OutputTail } from '../children/output-tail.ts';
import type { ChildEnd } from '../children/run-child.ts';
import { findFiles } from '../evidence/find-files.ts';
import { makeNew } from '../folders.ts';
import type { PreparedBatch } from '../frameworks/batch.ts';
import type { JobPreset } from '../frameworks/preset.ts';
import type { LogPump } from '../logs/log-pump.ts';
import { type AttemptResult, errored, inWords } from '../reports/attempt-result.ts';
import { openAttemptLog, writeLine } from './attempt-log.ts';
import { blameDevice } from './blame-device.ts';
import { keepEvidence } from './keep-evidence.ts';
import { type LeaseWork, requestIn, runLeaseChild } from './lease-work.ts';
import { type AttemptRecording, recordAttempt } from './record-attempt.ts';
import { reportVerdict } from './report-verdict.ts';
import { startJob } from './start-job.ts';

type PrepareBatch = NonNullable<JobPreset['prepareBatch']>;

/** What a process came to, and the folder in which it may have left files. */
interface Ran {
  readonly results: ReadonlyMap<string, AttemptResult> | Error;
  readonly artifacts?: string;
}

/** A job whose start the server knows. */
interface Started {
  readonly job: LeasedJob;
  readonly log: LogPump;
  /** Aborts with a StopReason. */
  readonly stop: AbortSignal;
}

/**
 * Runs jobs of a lease in one process that tells nothing before its end: all start with it, share its output and the sum
 * of their limits, and end with it. One that is cancelled ends with the others; the process is stopped when all are.
 */
export async function runTogether(
  work: LeaseWork,
  prepare: PrepareBatch,
  jobs: readonly LeasedJob[],
  installs: number,
): Promise<void> {
  const started = await startAll(work, jobs);
  if (started === 'over' || started.length === 0) return;
  const { agent } = work;
  const from = agent.now();
  const [first] = started;
  // Nothing tells which file runs, nor whose file is whose: all goes with the first job.
  const recording = first && recordAttempt(work, first.job);
  const ran: Ran = await runProcess(work, prepare, started).catch((error: Error) => ({ results: error }));
  const durationMs = Math.round((agent.now() - from) / started.length);
  const reports = started.map((one, index) =>
    report(
      work,
      one,
      resultOf(one, ran.results),
      from,
      { durationMs, installs: index === 0 ? installs : 0 },
      index === 0 ? recording : undefined,
    ),
  );
  await Promise.all(reports);
  const { artifacts } = ran;
  if (first) recording?.keep(first.log);
  if (first && artifacts) keepEvidence(work, first.job, first.log, () => findFiles(artifacts));
}

async function startAll(work: LeaseWork, jobs: readonly LeasedJob[]): Promise<Started[] | 'over'> {
  const started: Started[] = [];
  for (const job of jobs) {
    const stop = work.live.begin(job.job_id);
    const answer = await startJob(work, job);
    if (answer === 'over') return 'over';
    if (answer === 'started') started.push({ job, stop, log: openAttemptLog(work, job) });
  }
  return started;
}

async function runProcess(work: LeaseWork, prepare: PrepareBatch, started: readonly Started[]): Promise<Ran> {
  const folder = await makeNew(work.folder, 'batch-');
  const tests = started.map(({ job }) => ({ testPath: job.test_path }));
  const request = { ...(await requestIn(work, folder)), tests, folder, id: randomUUID() };
  const prepared = prepare(request);
  const tail = new OutputTail(work.agent.masks);
  const limitMs = started.reduce((sum, { job }) => sum + job.timeout_ms, 0);
  const end = await runLeaseChild(work, prepared.command, {
    onOutput: (bytes) => {
      tail.add(bytes);
      for (const { log } of started) log.write(bytes);
    },
    timeoutMs: limitMs,
    stop: whenAllStop(started),
  });
  const results = await readResults(prepared, end, tail.lines(), limitMs);
  return { results, artifacts: request.artifacts };
}

/** Aborts with the reason of the last one; a lost lease stops all at once. */
function whenAllStop(started: readonly Started[]): AbortSignal {
  const all = new AbortController();
  const look = (): void => {
    if (started.every(({ stop }) => stop.aborted)) all.abort(started.at(-1)?.stop.reason);
  };
  for (const { stop } of started) stop.addEventListener('abort', look);
  look();
  return all.signal;
}

/** Tests that a stopped process had run are reported; its verdicts are not. */
async function readResults(
  prepared: PreparedBatch,
  end: ChildEnd,
  tail: string,
  limitMs: number,
): Promise<ReadonlyMap<string, AttemptResult>> {
  const results = await prepared.read(end, tail);
  if (end.stopped === undefined || end.stopped === 'cancelled') return results;
  const why =
    end.stopped === 'timeout' ? `ran longer than ${formatDuration(limitMs)}` : 'the agent was stopped';
  const kind = end.stopped === 'timeout' ? 'timeout' : 'interrupted';
  return new Map([...results].map(([path, { tests }]) => [path, errored(kind, why, tests)]));
}

function resultOf(
  { job, stop }: Started,
  results: ReadonlyMap<string, AttemptResult> | Error,
): AttemptResult {
  if (results instanceof Error)
    return errored('infra_error', `the agent could not run the test: ${results.message}`);
  const result = results.get(job.test_path) ?? errored('infra_error', 'the agent has no result of it');
  if (!stop.aborted) return result;
  return { verdict: 'cancelled', ...(result.tests && { tests: result.tests }) };
}

async function report(
  work: LeaseWork,
  { job, log }: Started,
  told: AttemptResult,
  startedAt: number,
  cost: { readonly durationMs: number; readonly installs: number },
  recording: AttemptRecording | undefined,
): Promise<void> {
  const { agent, live, slot } = work;
  live.end(job.job_id);
  const result = await blameDevice(work, job, told, startedAt);
  recording?.end(result);
  const words = `${inWords(result)}  ${formatDuration(cost.durationMs)}`;
  writeLine(log, words);
  const device = slot.device.offer.name;
  if (live.lost.aborted) {
    agent.say(`${device}  ${job.test_path}  dropped: the server took the lease back`);
    return log.close(agent.timing.logCloseMs);
  }
  agent.say(`${device}  ${job.test_path}  ${words}`);
  const provider = await recording?.provider();
  await reportVerdict(agent, live, job, result, { ...cost, provider }, log);
}
