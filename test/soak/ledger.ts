import type { Counts } from '../../protocol/shapes/run.ts';

/** What clients were told of the finished runs of an org, summed up. */
export interface Told {
  runs: number;
  jobs: number;
  passed: number;
  failed: number;
  errored: number;
  cancelled: number;
  flaky: number;
}

const nothing = (): Told => ({
  ...{ runs: 0, jobs: 0, passed: 0, failed: 0, errored: 0, cancelled: 0, flaky: 0 },
});

/** Kinds of calls whose time is kept, and from the submit to the lease of a job. */
export type Timed = 'submit' | 'start' | 'finish' | 'pickup';

const fewProblems = 200;

/** Refusals that faults explain, as long as they are few. */
const tolerated = ['unauthorized', 'not_found', 'conflict', 'rate_limited'];

/** A submit that nobody answered: its run was made or not. */
export interface Unknown {
  readonly orgId: string;
  readonly key: string;
  readonly jobs: number;
}

/** What all clients of a soak saw, in numbers. */
export class Ledger {
  /** Acknowledged, by org. */
  readonly acknowledged = new Map<string, { runs: number; jobs: number }>();
  /** By org. */
  readonly told = new Map<string, Told>();
  /** What no fault explains. */
  readonly problems: string[] = [];
  /** How often what was done to the server. */
  readonly done = new Map<string, number>();
  /** Jobs of runs whose clients are through with them, whatever came of it. */
  closedJobs = 0;
  /** What agents and the clients of runs asked. */
  calls = 0;
  /** Refusals of theirs that faults explain. */
  refusals = 0;
  /** Reports of good installs, and those of them that the server took. */
  readonly installs = { sent: 0, answered: 0 };
  readonly unknown = new Set<Unknown>();
  #times = new Map<Timed, number[]>();

  problem(words: string): void {
    if (this.problems.length < fewProblems) this.problems.push(words);
  }

  count(what: string, n = 1): void {
    this.done.set(what, (this.done.get(what) ?? 0) + n);
  }

  /** A call that was refused with this code. */
  refused(what: string, code: string): void {
    this.count(`${what}: ${code}`);
    if (tolerated.includes(code)) this.refusals += 1;
  }

  time(what: Timed, ms: number): void {
    const times = this.#times.get(what) ?? [];
    times.push(ms);
    this.#times.set(what, times);
  }

  timesOf(what: Timed): readonly number[] {
    return this.#times.get(what) ?? [];
  }

  jobsEnded(): number {
    return this.#sum('jobs');
  }

  jobsPassed(): number {
    return this.#sum('passed');
  }

  #sum(what: keyof Told): number {
    return [...this.told.values()].reduce((sum, one) => sum + one[what], 0);
  }

  /** A submit is sent. Call the answer of this once the submit has its own. */
  mayBeThere(one: Unknown): () => void {
    this.unknown.add(one);
    return () => void this.unknown.delete(one);
  }

  submitted(orgId: string, jobs: number): void {
    const one = this.acknowledged.get(orgId) ?? { runs: 0, jobs: 0 };
    this.acknowledged.set(orgId, { runs: one.runs + 1, jobs: one.jobs + jobs });
  }

  finished(orgId: string, counts: Counts): void {
    const one = this.told.get(orgId) ?? nothing();
    this.told.set(orgId, one);
    one.runs += 1;
    for (const status of ['passed', 'failed', 'errored', 'cancelled'] as const) {
      one[status] += counts[status];
      one.jobs += counts[status];
    }
    one.flaky += counts.flaky;
  }
}
