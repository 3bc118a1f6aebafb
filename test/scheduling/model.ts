/** A device of the farm. It keeps the app of the last group that it installed. */
export interface Device {
  readonly id: string;
  readonly target: string;
}

/** A job as a policy sees it. Times in seconds: what it is predicted to take, and an install of its app. */
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

/** What happens to a farm. */
export interface Workload {
  readonly devices: readonly Device[];
  /** In order of arrival. */
  readonly runs: readonly FarmRun[];
  /** What each job really takes, seconds; no policy sees it before the job has ended. */
  readonly seconds: ReadonlyMap<string, number>;
}

/** What shares an install. */
export const groupOf = (job: Pick<FarmJob, 'org' | 'app' | 'target'>): string =>
  `${job.org} ${job.app} ${job.target}`;

/** One thing that a device did: it ran a job, or installed a group. Seconds since the start. */
export type Span = { readonly device: string; readonly from: number; readonly to: number } & (
  | { readonly job: string }
  | { readonly installs: string }
);

export interface FarmState {
  readonly now: number;
  readonly devices: readonly Device[];
}

/** What a lease took, known at its end. `install` is 0 without one; `start` and `end` are instants. */
export interface LeaseRecord {
  readonly install: number;
  readonly jobs: readonly { readonly id: string; readonly start: number; readonly end: number }[];
}

/** Who decides: the real store behind its adapter, or one of the naive ones. */
export interface Policy {
  init?(state: FarmState): Promise<void>;
  /** A run came: its jobs are queued now. */
  onArrive(jobs: readonly FarmJob[], state: FarmState): Promise<void>;
  /** A free device asks: the ids of the jobs that it is to run, in this order, or null for none. */
  choose(state: FarmState, device: Device): Promise<{ jobs: readonly string[] } | null>;
  onFree?(jobs: readonly FarmJob[], device: Device, state: FarmState, record: LeaseRecord): Promise<void>;
  close?(): Promise<void>;
}
