import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { FinishJob, Lease, LeasedJob } from '../../protocol/shapes/agent.ts';
import type { Random } from '../support/random.ts';
import { drawEnd } from './draw-end.ts';
import { sendEvidence } from './send-evidence.ts';
import type { Soak } from './soak-lab.ts';

export interface Leased {
  readonly lease: Lease;
  /** Ends the agent's process without a word. */
  readonly die: () => void;
  readonly signal: AbortSignal;
}

/** Refusals that mean: the lease is not ours any more. */
const ended = ['lease_lost', 'not_found', 'conflict', 'unauthorized', 'unavailable', 'rate_limited'];

/** What an agent does with one lease. */
export class LeaseWork {
  readonly #soak: Soak;
  readonly #client: Client;
  readonly #random: Random;
  readonly #leased: Leased;
  readonly #cancelled = new Set<string>();
  readonly #lost = new AbortController();
  readonly #signal: AbortSignal;

  constructor(soak: Soak, client: Client, random: Random, leased: Leased) {
    this.#soak = soak;
    this.#client = client;
    this.#random = random;
    this.#leased = leased;
    this.#signal = AbortSignal.any([leased.signal, this.#lost.signal]);
  }

  lose(): void {
    this.#lost.abort();
  }

  cancel(jobIds: readonly string[]): void {
    for (const id of jobIds) this.#cancelled.add(id);
  }

  /** Ends when the lease does. Never rejects. */
  async run(): Promise<void> {
    const { lease } = this.#leased;
    this.#notePickup();
    try {
      if (lease.install && !(await this.#install())) return;
      for (const job of lease.jobs) {
        if (this.#random.next() < 0.01) return await this.#giveBack();
        await this.#runJob(job).catch(skipCancelled);
      }
    } catch (error) {
      if (this.#signal.aborted) return;
      const code = error instanceof QgjobError ? error.code : 'unknown';
      this.#soak.ledger.refused('a lease ended', code);
      if (!ended.includes(code))
        this.#soak.ledger.problem(`lease ${lease.lease_id}: ${(error as Error).message}`);
    }
  }

  #notePickup(): void {
    const { submittedAt, ledger } = this.#soak;
    for (const { run_id } of this.#leased.lease.jobs) {
      const at = submittedAt.get(run_id);
      if (at !== undefined) ledger.time('pickup', performance.now() - at);
      submittedAt.delete(run_id);
    }
  }

  async #install(): Promise<boolean> {
    const ms = this.#testMs();
    await this.#pause(ms);
    const ok = this.#random.next() >= 0.005;
    const failed = { error_class: 'install_failed' as const, error: 'INSTALL_FAILED_INSUFFICIENT_STORAGE' };
    const { ledger } = this.#soak;
    if (ok) ledger.installs.sent += 1;
    await this.#client.call('reportInstalled', {
      params: { id: this.#leased.lease.lease_id },
      body: { ok, duration_ms: ms, installs: 1, ...(!ok && failed) },
      signal: this.#signal,
    });
    if (ok) ledger.installs.answered += 1;
    return ok;
  }

  async #giveBack(): Promise<void> {
    this.#soak.ledger.count('leases given back');
    await this.#client.call('releaseLease', {
      params: { id: this.#leased.lease.lease_id },
      signal: this.#signal,
    });
  }

  async #runJob(job: LeasedJob): Promise<void> {
    if (this.#cancelled.has(job.job_id)) return;
    const params = { id: this.#leased.lease.lease_id, job_id: job.job_id };
    const start = { params, body: { attempt: job.next_attempt }, signal: this.#signal };
    await this.#timed('start', () => this.#client.call('startJob', start));
    await this.#repeat(() => this.#client.call('startJob', start));
    const ms = this.#testMs();
    const end = drawEnd(this.#random, job, ms, this.#soak.options.troubles);
    if (end === 'vanishes') return this.#leased.die();
    if (end === 'hangs') await this.#pause(this.#random.between(0, this.#soak.options.awayMs));
    await sendEvidence(this.#client, this.#random, {
      params,
      attempt: job.next_attempt,
      signal: this.#signal,
    });
    await this.#pause(ms);
    const verdict: FinishJob = this.#cancelled.has(job.job_id)
      ? { attempt: job.next_attempt, verdict: 'cancelled', duration_ms: ms }
      : { attempt: job.next_attempt, duration_ms: ms, ...(end === 'hangs' ? late : end) };
    const finish = { params, body: verdict, signal: this.#signal };
    await this.#timed('finish', () => this.#client.call('finishJob', finish));
    await this.#repeat(() => this.#client.call('finishJob', finish));
  }

  /** Some calls come twice, as after an answer that was lost. The server takes them, or has ended the lease meanwhile. */
  async #repeat(call: () => Promise<unknown>): Promise<void> {
    if (this.#random.next() >= 0.04) return;
    this.#soak.ledger.count('calls repeated');
    await call();
  }

  async #timed(what: 'start' | 'finish', call: () => Promise<unknown>): Promise<void> {
    const from = performance.now();
    await call();
    this.#soak.ledger.time(what, performance.now() - from);
  }

  /** From a half to one and a half of the mean. */
  #testMs(): number {
    return Math.round(this.#soak.options.testMs * (0.5 + this.#random.next()));
  }

  #pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.#signal });
  }
}

const late = { verdict: 'error', error_class: 'timeout', error: 'the test did not end in time' } as const;

/** The job was cancelled before it started; the others of the lease go on. */
function skipCancelled(error: unknown): void {
  if (!(error instanceof QgjobError && error.code === 'job_cancelled')) throw error;
}
