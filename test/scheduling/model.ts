/** A device of the farm. It keeps the app that it installed last. */
export interface Device {
  readonly id: string;
  readonly target: string;
}

/** A job as a policy sees it. `est` is the predicted duration, `setup` that of an install of its app, in seconds. */
export interface FarmJob {
  readonly id: string;
  readonly run: string;
  readonly org: string;
  readonly app: string;
  readonly target: string;
  readonly priority: number;
  readonly arrival: number;
  readonly est: number;
  readonly setup: number;
}

export interface FarmRun {
  readonly id: string;
  readonly org: string;
  readonly arrival: number;
  readonly jobs: readonly FarmJob[];
}

/** The devices of a farm and the runs that arrive. */
export interface Workload {
  readonly devices: readonly Device[];
  /** In order of arrival. */
  readonly runs: readonly FarmRun[];
  /** The real duration of each job, seconds; a policy does not see it before the job has ended. */
  readonly seconds: ReadonlyMap<string, number>;
}

/** Jobs of one group share an install. */
export const groupOf = (job: Pick<FarmJob, 'org' | 'app' | 'target'>): string =>
  `${job.org} ${job.app} ${job.target}`;

/** What a device did: run a job, or install the app of a group. Seconds since the start. */
export type Span = { readonly device: string; readonly from: number; readonly to: number } & (
  | { readonly job: string }
  | { readonly installs: string }
);

export interface FarmState {
  readonly now: number;
  readonly devices: readonly Device[];
}

/** Durations of a lease, known at its end. `install` is 0 without an install; `start` and `end` are instants. */
export interface LeaseRecord {
  readonly install: number;
  readonly jobs: readonly { readonly id: string; readonly start: number; readonly end: number }[];
}

/** The policy that chooses jobs: the real store behind its adapter, or a naive one. */
export interface Policy {
  init?(state: FarmState): Promise<void>;
  /** A run has arrived; its jobs are queued now. */
  onArrive(jobs: readonly FarmJob[], state: FarmState): Promise<void>;
  /** A free device requests work: the ids of the jobs that it must run, in this order, or null. */
  choose(state: FarmState, device: Device): Promise<{ jobs: readonly string[] } | null>;
  onFree?(jobs: readonly FarmJob[], device: Device, state: FarmState, record: LeaseRecord): Promise<void>;
  close?(): Promise<void>;
}
