import { formatDuration } from '../../protocol/durations.ts';
import type { LeasedJob } from '../../protocol/shapes/agent.ts';
import { findFiles } from '../evidence/find-files.ts';
import type { JobPreset } from '../frameworks/preset.ts';
import { inWords } from '../reports/attempt-result.ts';
import { openAttemptLog, writeLine } from './attempt-log.ts';
import { blameDevice } from './blame-device.ts';
import { keepEvidence } from './keep-evidence.ts';
import type { LeaseWork } from './lease-work.ts';
import { recordAttempt } from './record-attempt.ts';
import { reportVerdict } from './report-verdict.ts';
import { runAttempt } from './run-attempt.ts';
import { startJob } from './start-job.ts';

/** `skipped`: cancelled before its start. `over`: the lease is not ours any more, or nothing may start. */
export type JobEnd = 'done' | 'skipped' | 'over';

/** One job of a lease: start, run, log, finish. `installs`: made for it and not reported yet. */
export async function runJob(
  work: LeaseWork,
  preset: JobPreset,
  job: LeasedJob,
  installs: number,
): Promise<JobEnd> {
  const stop = work.live.begin(job.job_id);
  try {
    const started = await startJob(work, job);
    return started === 'started' ? await carryOut(work, preset, job, stop, installs) : started;
  } finally {
    work.live.end(job.job_id);
  }
}

async function carryOut(
  work: LeaseWork,
  preset: JobPreset,
  job: LeasedJob,
  stop: AbortSignal,
  installs: number,
): Promise<JobEnd> {
  const { agent, live, slot } = work;
  const device = slot.device.offer.name;
  const startedAt = agent.now();
  const log = openAttemptLog(work, job);
  const recording = recordAttempt(work, job);
  const { result: told, artifacts } = await runAttempt(work, preset, job, stop, log);
  const result = await blameDevice(work, job, told, startedAt);
  recording?.end(result);
  const keep = (): void => {
    recording?.keep(log);
    if (artifacts !== undefined) keepEvidence(work, job, log, () => findFiles(artifacts));
  };
  const durationMs = Math.round(agent.now() - startedAt);
  const words = `${inWords(result)}  ${formatDuration(durationMs)}`;
  writeLine(log, words);
  if (live.lost.aborted) {
    agent.say(`${device}  ${job.test_path}  dropped: the server took the lease back`);
    await log.close(agent.timing.logCloseMs);
    keep();
    return 'over';
  }
  agent.say(`${device}  ${job.test_path}  ${words}`);
  const provider = await recording?.provider();
  const end = await reportVerdict(agent, live, job, result, { durationMs, installs, provider }, log);
  keep();
  return end;
}
