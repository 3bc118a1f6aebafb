import { randomUUID } from 'node:crypto';
import type { LeasedJob } from '../../protocol/shapes/agent.ts';
import { OutputTail } from '../children/output-tail.ts';
import type { ChildEnd } from '../children/run-child.ts';
import { ProcessFiles } from '../evidence/process-files.ts';
import { makeNew } from '../folders.ts';
import type { BatchProcess, BatchRequest, BatchRest } from '../frameworks/batch.ts';
import type { BatchPreset } from '../frameworks/preset.ts';
import { type AttemptResult, errored } from '../reports/attempt-result.ts';
import type { Served } from '../serve-once/holder.ts';
import { longestTimerMs } from '../timing.ts';
import { BatchAttempt } from './batch-attempt.ts';
import { BatchLog } from './batch-log.ts';
import { endTest } from './end-test.ts';
import { type LeaseWork, requestIn, runLeaseChild } from './lease-work.ts';
import type { Ledger } from './ledger.ts';
import { withOutside } from './outside-files.ts';
import { watchBatch } from './watch-batch.ts';

/** What is left of the jobs of a process: to be run beside others again, or each in a process of its own. */
export interface BatchLeft {
  readonly again: readonly LeasedJob[];
  readonly alone: readonly LeasedJob[];
  /** The lease is not ours any more, or the agent ends. */
  readonly isOver: boolean;
}

/** One process that runs jobs of a lease; each of them has its own start, log, limit and verdict. */
export class BatchRun {
  readonly #work: LeaseWork;
  readonly #preset: BatchPreset;
  readonly #served: Served | undefined;
  /** By test path. */
  readonly #jobs: ReadonlyMap<string, LeasedJob>;
  readonly #ledger: Ledger;
  readonly #attempts = new Map<string, BatchAttempt>();
  /** Test paths of the jobs that have a result. */
  readonly #ended = new Set<string>();
  readonly #reports: Promise<void>[] = [];
  /** Ends the whole process. */
  readonly #stop = new AbortController();
  readonly #tail: OutputTail;
  readonly #log = new BatchLog();
  #process: BatchProcess | undefined;
  #files: ProcessFiles | undefined;
  #running: BatchAttempt | undefined;
  #isOver = false;
  #lastSign: number;

  constructor(
    work: LeaseWork,
    preset: BatchPreset,
    jobs: readonly LeasedJob[],
    ledger: Ledger,
    served: Served | undefined,
  ) {
    this.#work = work;
    this.#served = served;
    this.#preset = preset;
    this.#jobs = new Map(jobs.map((job) => [job.test_path, job]));
    this.#ledger = ledger;
    this.#tail = new OutputTail(work.agent.masks);
    this.#lastSign = work.agent.now();
  }

  async run(): Promise<BatchLeft> {
    const rest = await this.#runProcess().catch((error: Error) => this.#unable(error));
    const left = this.#settle(rest);
    await Promise.all(this.#reports);
    await this.#keepRest();
    return { ...left, isOver: this.#isOver };
  }

  async #runProcess(): Promise<ReadonlyMap<string, BatchRest>> {
    const { folder, space } = this.#work;
    const request = await this.#request();
    const process = this.#preset.open(request, {
      runs: (testPath, at) => this.#runs(testPath, at),
      output: (testPath, bytes) => this.#output(testPath, bytes),
      installed: () => {
        this.#ledger.installs += 1;
      },
      ended: (testPath, result) => this.#end(testPath, result),
    });
    this.#process = process;
    this.#files = new ProcessFiles(request.artifacts, (name) => process.ownerOf?.(name));
    await space.give(request.folder);
    const release = watchBatch(this.#work, process, [...this.#jobs.values()], {
      quietSince: () => (this.#running ? undefined : this.#lastSign),
      stop: (why) => this.#stop.abort(why),
    });
    const end = await withOutside(folder, process.outside, () => this.#runChild(process)).finally(release);
    const rest = await process.close(end, this.#tail.lines());
    return end.stopped === 'timeout' && this.#attempts.size === 0 ? this.#late(rest) : rest;
  }

  async #request(): Promise<BatchRequest> {
    const folder = await makeNew(this.#work.folder, 'batch-');
    const tests = [...this.#jobs.values()].map(({ test_path, only }) => ({ testPath: test_path, only }));
    const request = await requestIn(this.#work, folder);
    const env = { ...request.env, ...this.#served?.env };
    return { ...request, env, tests, folder, id: randomUUID(), servers: this.#served?.text };
  }

  #runChild(process: BatchProcess): Promise<ChildEnd> {
    return runLeaseChild(this.#work, process.command, {
      onOutput: (bytes, stream) => process.read(bytes, stream),
      timeoutMs: longestTimerMs,
      stop: this.#stop.signal,
    });
  }

  #runs(testPath: string | undefined, at: number): void {
    this.#lastSign = this.#work.agent.now();
    if (testPath !== undefined) this.#files?.runs(testPath, at);
    this.#running?.pause();
    this.#running = testPath === undefined ? undefined : this.#attemptOf(testPath);
    this.#running?.resume();
  }

  #attemptOf(testPath: string): BatchAttempt | undefined {
    const known = this.#attempts.get(testPath);
    const job = this.#jobs.get(testPath);
    if (known || !job) return known;
    const onHalt = (): void => this.#halt(testPath);
    const attempt = new BatchAttempt(this.#work, job, onHalt);
    this.#attempts.set(testPath, attempt);
    this.#log.begin(attempt);
    return attempt;
  }

  #halt(testPath: string): void {
    if (!this.#process) return;
    if (this.#preset.endsWhole) this.#stop.abort('cancelled');
    else
      void endTest(this.#process, testPath, this.#work.agent.timing.ladder, {
        isOver: () => this.#ended.has(testPath),
        killAll: () => this.#stop.abort('interrupted'),
      });
  }

  #output(testPath: string | undefined, bytes: Buffer): void {
    this.#lastSign = this.#work.agent.now();
    this.#tail.add(bytes);
    const attempt = testPath === undefined ? undefined : this.#attempts.get(testPath);
    this.#log.write(attempt, bytes);
  }

  #end(testPath: string, result: AttemptResult): void {
    const attempt = this.#attemptOf(testPath);
    if (!attempt || this.#ended.has(testPath)) return;
    this.#ended.add(testPath);
    this.#log.end(attempt);
    this.#reports.push(this.#report(attempt, result));
  }

  async #report(attempt: BatchAttempt, result: AttemptResult): Promise<void> {
    const reported = await attempt.end(result, this.#ledger.take());
    const files = this.#files;
    if (files) attempt.keep(() => files.take(attempt.job.test_path));
    if (reported === 'done') return;
    this.#isOver = true;
    this.#stop.abort('lost');
  }

  /** What belongs to no file, like a report of all of them, goes with the last one. */
  async #keepRest(): Promise<void> {
    const last = [...this.#attempts.values()].at(-1);
    for (const [testPath, found] of (await this.#files?.takeRest()) ?? [])
      (this.#attempts.get(testPath ?? '') ?? last)?.keep(async () => found);
  }

  /** The results that are known only now, and the jobs without one. */
  #settle(rest: ReadonlyMap<string, BatchRest>): { again: LeasedJob[]; alone: LeasedJob[] } {
    const left = { again: [] as LeasedJob[], alone: [] as LeasedJob[] };
    for (const [testPath, what] of rest) {
      const job = this.#jobs.get(testPath);
      if (!job || this.#ended.has(testPath)) continue;
      if (typeof what === 'object') this.#end(testPath, what);
      else if (what === 'whole') left.again.push({ ...job, only: undefined });
      else left[what].push(job);
    }
    return left;
  }

  #late(rest: ReadonlyMap<string, BatchRest>): ReadonlyMap<string, BatchRest> {
    const result = errored(
      'timeout',
      'no test of it began in time: it was loading, or its set-up was running',
    );
    return new Map([...rest.keys()].map((testPath) => [testPath, result]));
  }

  /** An error of the agent is a result too: these attempts were begun, or are begun now. */
  #unable(error: Error): ReadonlyMap<string, BatchRest> {
    const result = errored('infra_error', `the agent could not run the test: ${error.message}`);
    return new Map([...this.#jobs.keys()].map((testPath) => [testPath, result]));
  }
}
