import { formatDuration } from '../../protocol/durations.ts';
import type { LeasedJob } from '../../protocol/shapes/agent.ts';
import type { StopReason } from '../children/signal-ladder.ts';
import type { FoundFiles } from '../evidence/find-files.ts';
import type { LogPump } from '../logs/log-pump.ts';
import { type AttemptResult, errored, inWords } from '../reports/attempt-result.ts';
import { longestTimerMs } from '../timing.ts';
import { openAttemptLog, writeLine } from './attempt-log.ts';
import { blameDevice } from './blame-device.ts';
import { keepEvidence } from './keep-evidence.ts';
import type { LeaseWork } from './lease-work.ts';
import { type AttemptRecording, recordAttempt } from './record-attempt.ts';
import { type Reported, reportVerdict, type Uncounted } from './report-verdict.ts';
import { startJob } from './start-job.ts';

/** `limit`: a job ran too long. `cancelled`: the server wants its end. */
type Halt = 'timeout' | 'cancelled';

/**
 * One job of a process that runs several: its start, its log, its limit and its verdict. The process does not wait for
 * any of them. Its log waits until the server knows of the start.
 */
export class BatchAttempt {
  readonly job: LeasedJob;
  readonly #work: LeaseWork;
  readonly #onHalt: () => void;
  readonly #log: LogPump;
  readonly #recording: AttemptRecording | undefined;
  readonly #started: Promise<'started' | 'skipped' | 'over'>;
  #halted: Halt | undefined;
  #hasEnded = false;
  #isStarted = false;
  readonly #begunAt: number;
  /** When its test began to run; undefined while it does not. */
  #since: number | undefined;
  #spentMs = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Starts the job. `onHalt` is called once when its tests must end. */
  constructor(work: LeaseWork, job: LeasedJob, onHalt: () => void) {
    this.job = job;
    this.#work = work;
    this.#onHalt = onHalt;
    this.#begunAt = work.agent.now();
    this.#recording = recordAttempt(work, job);
    const stop = work.live.begin(job.job_id);
    this.#started = startJob(work, job, whileOurs);
    this.#log = openAttemptLog(work, job, this.#started);
    void this.#started.then((started) => started === 'skipped' && this.#halt('cancelled'));
    if (stop.aborted) this.#onStop(stop);
    else stop.addEventListener('abort', () => this.#onStop(stop), { once: true });
  }

  #onStop(stop: AbortSignal): void {
    if ((stop.reason as StopReason) === 'cancelled') this.#halt('cancelled');
  }

  #halt(why: Halt): void {
    if (this.#halted !== undefined || this.#hasEnded) return;
    this.#halted = why;
    this.#onHalt();
  }

  write(bytes: Buffer): void {
    this.#log.write(bytes);
  }

  /** A test of it runs: its limit counts only that time. */
  resume(): void {
    if (this.#since !== undefined) return;
    this.#since = this.#work.agent.now();
    const leftMs = Math.max(0, this.job.timeout_ms - this.#spentMs);
    this.#timer = setTimeout(() => this.#halt('timeout'), Math.min(leftMs, longestTimerMs));
  }

  pause(): void {
    clearTimeout(this.#timer);
    if (this.#since !== undefined) this.#spentMs += this.#work.agent.now() - this.#since;
    this.#since = undefined;
  }

  /** Uploads what it left; nothing where the server knows no start of it. */
  keep(find: () => Promise<FoundFiles>): void {
    if (!this.#isStarted) return;
    keepEvidence(this.#work, this.job, this.#log, find);
    this.#recording?.keep(this.#log);
  }

  /** `over`: the lease and its other jobs are not ours any more, or the agent ends. */
  async end(told: AttemptResult, uncounted: Uncounted): Promise<Reported> {
    this.#hasEnded = true;
    this.pause();
    const result = await blameDevice(this.#work, this.job, this.#resultOf(told), this.#begunAt);
    this.#recording?.end(result);
    const { agent, live, slot } = this.#work;
    const { job } = this;
    live.end(job.job_id);
    const started = await this.#started;
    if (started !== 'started') return this.#drop(started);
    this.#isStarted = true;
    const durationMs = Math.round(this.#spentMs);
    const words = `${inWords(result)}  ${formatDuration(durationMs)}`;
    writeLine(this.#log, words);
    const device = slot.device.offer.name;
    if (live.lost.aborted) {
      agent.say(`${device}  ${job.test_path}  dropped: the server took the lease back`);
      await this.#log.close(agent.timing.logCloseMs);
      return 'over';
    }
    agent.say(`${device}  ${job.test_path}  ${words}`);
    const provider = await this.#recording?.provider();
    return reportVerdict(agent, live, job, result, { durationMs, ...uncounted, provider }, this.#log);
  }

  #drop(started: 'skipped' | 'over'): Reported {
    this.#log.giveUp();
    return started === 'over' ? 'over' : 'done';
  }

  /** The tests that a halted attempt had run are reported; its verdict is not. */
  #resultOf(told: AttemptResult): AttemptResult {
    const { tests } = told;
    if (this.#work.agent.stop.kill.aborted && told.verdict === 'error')
      return errored('interrupted', 'the agent was stopped before the test ended', tests);
    if (this.#halted === 'cancelled') return { verdict: 'cancelled', ...(tests && { tests }) };
    if (this.#halted === 'timeout')
      return errored('timeout', `ran longer than ${formatDuration(this.job.timeout_ms)}`, tests);
    return told;
  }
}

/** The test runs already: a drain does not take it back. */
async function whileOurs({ agent, live }: LeaseWork): Promise<boolean> {
  const over = AbortSignal.any([live.lost, agent.stop.kill]);
  await agent.renewal.whenFresh(over);
  return !over.aborted;
}
