import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cleanText, oneLine } from '../../protocol/clean-text.ts';
import { formatDuration } from '../../protocol/durations.ts';
import type { LeasedJob } from '../../protocol/shapes/agent.ts';
import type { Provider } from '../../protocol/shapes/job.ts';
import type { RecordedResult, Recording } from '../devices/recording.ts';
import { findFiles } from '../evidence/find-files.ts';
import { makeAside } from '../folders.ts';
import type { LogPump } from '../logs/log-pump.ts';
import { within } from '../within.ts';
import { keepEvidence } from './keep-evidence.ts';
import type { LeaseWork } from './lease-work.ts';

/** In UTF-16 units. */
const longestError = 2000;

/** Lets the device record an attempt that begins now. Undefined: it records nothing. */
export function recordAttempt(work: LeaseWork, job: LeasedJob): AttemptRecording | undefined {
  return work.slot.device.record && new AttemptRecording(work, job);
}

/** What a device records of one attempt. It changes no verdict; what fails is a line in the log of the attempt. */
export class AttemptRecording {
  readonly #work: LeaseWork;
  readonly #job: LeasedJob;
  readonly #begun: Promise<void>;
  #root: string | undefined;
  #recording: Recording | undefined;
  #ended: Promise<void> | undefined;
  #problem: string | undefined;

  constructor(work: LeaseWork, job: LeasedJob) {
    this.#work = work;
    this.#job = job;
    this.#begun = this.#begin().catch((error: Error) => this.#fail(error));
  }

  async #begin(): Promise<void> {
    const { lease, slot, folder } = this.#work;
    const { job_id, run_id, test_path, next_attempt } = this.#job;
    // Where no test of the lease writes: a link that it put there must not lead the agent elsewhere.
    this.#root = await makeAside(folder, 'record-');
    const own = join(this.#root, 'device');
    await mkdir(own, { mode: 0o700 });
    this.#recording = await slot.device.record?.({
      folder: own,
      orgId: lease.org_id,
      appVersionId: lease.app_version_id,
      target: lease.target,
      leaseId: lease.lease_id,
      runId: run_id,
      jobId: job_id,
      testPath: test_path,
      attempt: next_attempt,
    });
  }

  /** Nothing waits for that. */
  end(result: RecordedResult): void {
    this.#ended ??= this.#finish(result).catch((error: Error) => this.#fail(error));
  }

  async #finish(result: RecordedResult): Promise<void> {
    const { stop, timing, now } = this.#work.agent;
    const { endMs = timing.recordEndMs } = this.#recording ?? {};
    const from = now();
    const leaving = [stop.afterDrain(timing.leaveEvidenceMs), stop.afterKill(timing.leaveMs)];
    const over = AbortSignal.any(leaving.map(({ signal }) => signal));
    const done = this.#begun.then(() => this.#recording?.end(this.#fit(result))).then(() => 'done');
    const end = await within(endMs, done, over).finally(() => {
      for (const limit of leaving) limit.clear();
    });
    if (end === undefined) throw new Error(`it had no end after ${formatDuration(Math.round(now() - from))}`);
  }

  /** It may go to a provider: secrets are masked in it. */
  #fit({ verdict, error }: RecordedResult): RecordedResult {
    const fit = error && this.#work.agent.redact(cleanText(error.slice(0, longestError)), true);
    return { verdict, ...(fit && { error: fit }) };
  }

  /** What the verdict tells of it; undefined also where that is not known soon. */
  async provider(): Promise<Provider | undefined> {
    const asked = this.#recording?.provider?.();
    return asked && within(this.#work.agent.timing.providerMs, asked).catch(() => undefined);
  }

  /** Uploads its files once they are there. */
  keep(log: LogPump): void {
    keepEvidence(this.#work, this.#job, log, async () => {
      await this.#ended;
      if (this.#problem !== undefined) await log.addLine(this.#words(this.#problem));
      return this.#root === undefined ? { folder: '', files: [], leftOut: [] } : findFiles(this.#root);
    });
  }

  #words = (problem: string): string =>
    `[qgjob] ${this.#work.agent.redact(oneLine(`the recording of the device is not whole: ${problem}`))}`;

  #fail(error: Error): void {
    this.#problem ??= error.message;
  }
}
