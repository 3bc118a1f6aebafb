import type { Job } from '../../protocol/shapes/job.ts';
import type { RunStatus } from '../../protocol/states.ts';
import type { Setup } from './inject.ts';

/** What a submit was answered. */
export interface Ack {
  readonly runId: string;
  readonly jobIds: readonly string[];
}

/** A submit as its sender saw it. */
export interface Submit {
  readonly key: string;
  readonly tests: readonly string[];
  /** One for each call that was answered. */
  readonly acks: Ack[];
  /** The result of the client that waited for the run. */
  waited?: { readonly status: RunStatus; readonly jobs: readonly Job[] };
}

/** What the clients who submit and cancel were answered. */
export interface ClientRecord {
  readonly submits: Submit[];
  /** Cancelled jobs, as the answers showed them. */
  readonly cancels: Job[];
}

/** What all clients of a run share. */
export interface Clients {
  readonly setup: Setup;
  readonly observations: Observations;
  /** By org. */
  readonly tokens: ReadonlyMap<string, string>;
  readonly record: ClientRecord;
  /** Aborted at the end, when all results are there. */
  readonly over: AbortSignal;
}

/** A call without an answer is sent again after this time, ms. The server may have executed it all the same. */
export const callMs = 4000;

/** A job as an answer showed it. */
export interface Observation {
  /** When the answer arrived, epoch ms. */
  readonly at: number;
  readonly job: Job;
}

/** All states of jobs that answers showed, each state of a job once. */
export class Observations {
  readonly #seen = new Map<string, Map<string, Observation>>();

  add(jobs: readonly Job[]): void {
    const at = Date.now();
    for (const job of jobs) {
      // Lists leave these fields out.
      const shown = { ...job, tests: null, report: null, provider: null };
      const states = this.#seen.get(job.job_id) ?? new Map<string, Observation>();
      this.#seen.set(job.job_id, states);
      const state = JSON.stringify(shown);
      if (!states.has(state)) states.set(state, { at, job: shown });
    }
  }

  /** By job, in the order in which they were seen. */
  all(): Record<string, Observation[]> {
    return Object.fromEntries([...this.#seen].map(([id, states]) => [id, [...states.values()]]));
  }
}
