import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient, isRetryable, waitForRun } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Counts, SubmitRun } from '../../protocol/shapes/run.ts';
import type { Random } from '../support/random.ts';
import { orgs, targets, testFiles, versions } from './options.ts';
import { readAround } from './read-around.ts';
import { patient, randomFor, type Soak, wayOf, withLimit } from './soak-lab.ts';

const actor = 2_000_000;

/** One client of a run: it submits, waits, sometimes cancels, leaves and comes back, and tries failures again. */
export class SoakRun {
  readonly #soak: Soak;
  readonly #n: number;
  /** What it does later is drawn from numbers of its own, since runs overtake each other. */
  readonly #random: Random;
  readonly #orgId: (typeof orgs)[number];
  readonly #client: Client;
  readonly #key: string;

  constructor(soak: Soak, n: number, drawn: Random) {
    this.#soak = soak;
    this.#n = n;
    this.#random = randomFor(soak, actor + n);
    this.#orgId = drawn.pick(orgs);
    this.#key = `soak-${soak.options.seed}-${n}`;
    const token = soak.tokens.get(this.#orgId)?.submit;
    const client = createClient({ url: wayOf(soak, n), token }, patient);
    this.#client = withLimit(client, soak);
  }

  /** Never rejects: what nothing explains becomes a problem. */
  async play(size: number): Promise<void> {
    try {
      const runId = await this.#submit(this.#bodyOf(size));
      const [counts] = await Promise.all([this.#follow(runId), this.#cancel(runId), this.#readAround(runId)]);
      const failed = counts.failed + counts.errored + counts.cancelled;
      if (this.#random.next() < 0.06) await this.#tryAgain(runId, failed);
    } catch (error) {
      if (!this.#soak.over.aborted) this.#soak.ledger.problem(`run ${this.#n}: ${(error as Error).message}`);
    } finally {
      this.#soak.ledger.closedJobs += size;
    }
  }

  #bodyOf(size: number): SubmitRun {
    const random = this.#random;
    const drawn = random.next();
    return {
      ...{
        app_version_id: random.pick(versions),
        target: random.pick(targets),
        tests: random.sample(testFiles, size),
      },
      ...{ framework: 'playwright', priority: random.between(1, 10), max_retries: 2, retry_failed_tests: 1 },
      // Agents come one by one.
      allow_no_device: true,
      // Nights pass while it waits.
      ...{ timeout_ms: 60_000, queue_timeout_ms: limits.maxDelayMs, metadata: { key: this.#key } },
      ...(drawn < 0.1 && { delay_ms: random.between(100, 2000) }),
      ...(drawn > 0.9 && { max_failures: random.between(1, 3) }),
      ...(drawn > 0.5 && { branch: branchOf(`feature-${random.between(1, 8)}`), base: branchOf('main') }),
      ...(drawn > 0.4 && drawn < 0.5 && { branch: branchOf('main') }),
    };
  }

  /** With a key; now and then twice at once. */
  async #submit(body: SubmitRun): Promise<string> {
    const { ledger, submittedAt } = this.#soak;
    const from = performance.now();
    const send = () =>
      this.#answered(() => this.#client.call('submitRun', { body, idempotencyKey: this.#key }));
    // As long as there is no answer, the run may be there.
    const known = ledger.mayBeThere({ orgId: this.#orgId, key: this.#key, jobs: body.tests?.length ?? 0 });
    const answers = await Promise.all(this.#random.next() < 0.1 ? [send(), send()] : [send()]);
    ledger.time('submit', performance.now() - from);
    const [first] = answers;
    const runId = first?.run.run_id ?? '';
    if (answers.some(({ run }) => run.run_id !== runId)) ledger.problem(`the key ${this.#key} made two runs`);
    known();
    ledger.submitted(this.#orgId, first?.jobs.length ?? 0);
    if (body.delay_ms === undefined) submittedAt.set(runId, performance.now());
    return runId;
  }

  /** Until there is an answer, no night passes: its key would be free again. */
  async #answered<T>(call: () => Promise<T>): Promise<T> {
    const { sending } = this.#soak;
    const one = { at: performance.now() };
    sending.add(one);
    return call().finally(() => sending.delete(one));
  }

  /** Long polls until it is final. Some clients leave in the middle of one, and others go on. */
  async #follow(runId: string): Promise<Counts> {
    const { over, ledger, submittedAt, following } = this.#soak;
    following.add(runId);
    if (this.#random.next() < 0.1) await this.#leave(runId);
    const { run } = await waitForRun(this.#client, runId, { signal: over }).finally(() =>
      following.delete(runId),
    );
    submittedAt.delete(runId);
    ledger.finished(this.#orgId, run.counts);
    return run.counts;
  }

  async #leave(runId: string): Promise<void> {
    this.#soak.ledger.count('clients that left a held call');
    const signal = AbortSignal.any([this.#soak.over, AbortSignal.timeout(this.#random.between(20, 1500))]);
    await waitForRun(this.#client, runId, { signal }).catch(() => undefined);
  }

  async #cancel(runId: string): Promise<void> {
    const drawn = this.#random.next();
    if (drawn > 0.1) return;
    await sleep(this.#random.between(0, this.#soak.options.testMs * 2));
    this.#soak.ledger.count('cancels');
    if (drawn < 0.05) return void (await this.#client.call('cancelRun', { params: { id: runId } }));
    const { jobs } = await this.#client.call('getRun', { params: { id: runId } });
    const [job] = jobs;
    if (job) await this.#client.call('cancelJob', { params: { id: job.job_id } });
  }

  async #readAround(runId: string): Promise<void> {
    if (this.#random.next() > 0.15) return;
    await readAround(this.#client, this.#random, runId).catch((error) => {
      if (!isRetryable(error)) throw error;
    });
  }

  /** What failed, as a new run. A run in which nothing did is refused, and one that was deleted meanwhile. */
  async #tryAgain(runId: string, failed: number): Promise<void> {
    const { ledger } = this.#soak;
    const key = `${this.#key}-again`;
    const known = ledger.mayBeThere({ orgId: this.#orgId, key, jobs: failed });
    try {
      const { run, jobs } = await this.#answered(() =>
        this.#client.call('retryRun', {
          ...{ params: { id: runId }, body: { only: 'failed' }, idempotencyKey: key },
        }),
      );
      known();
      ledger.submitted(this.#orgId, jobs.length);
      await this.#follow(run.run_id);
    } catch (error) {
      if (!(error instanceof QgjobError && ['conflict', 'invalid', 'not_found'].includes(error.code)))
        throw error;
      known();
    }
  }
}

const branchOf = (name: string) => ({ repository_id: '4711', ref: `refs/heads/${name}` });
