import { type FarmRun, groupOf, type Span, type Workload } from './model.ts';

/** Figures of a log. Times in seconds. */
export interface Figures {
  readonly installsPerGroup: number;
  /** Time from the first arrival to the last end, over the least that any schedule needs. */
  readonly makespanRatio: number;
  /** Mean time from the arrival of a run to the end of its last job. */
  meanFlow(of?: (run: FarmRun) => boolean): number;
  /** Longest time from the arrival of a run to the start of one of its jobs. */
  longestWait(of: (run: FarmRun) => boolean): number;
}

export function measure(workload: Workload, spans: readonly Span[]): Figures {
  const byJob = new Map(spans.flatMap((span) => ('job' in span ? [[span.job, span]] : [])));
  const groups = new Set(workload.runs.flatMap((run) => run.jobs.map(groupOf)));
  const installs = spans.filter((span) => 'installs' in span).length;
  const ofJobs = (run: FarmRun, edge: 'from' | 'to') =>
    Math.max(...run.jobs.map((job) => (byJob.get(job.id)?.[edge] ?? Number.NaN) - run.arrival));
  const first = Math.min(...workload.runs.map((run) => run.arrival));
  const last = Math.max(...spans.map((span) => span.to));
  return {
    installsPerGroup: installs / groups.size,
    makespanRatio: (last - first) / (leastEnd(workload) - first),
    meanFlow: (of = () => true) => mean(workload.runs.filter(of).map((run) => ofJobs(run, 'to'))),
    longestWait: (of) => Math.max(...workload.runs.filter(of).map((run) => ofJobs(run, 'from'))),
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

/**
 * A lower bound for the end of any schedule: all jobs that arrive at or after an instant must run after it, on the
 * devices of their target, with one install for each group that is new then.
 */
function leastEnd({ devices, runs, seconds }: Workload): number {
  const behind = new Map<string, number>();
  let end = 0;
  for (const run of runs.toReversed()) {
    for (const job of run.jobs) add(behind, job.target, seconds.get(job.id) ?? 0);
    for (const group of newGroups(run, runs)) add(behind, group.target, group.setup);
    for (const [target, work] of behind) {
      const count = devices.filter((device) => device.target === target).length;
      end = Math.max(end, run.arrival + work / count);
    }
  }
  return end;
}

const add = (sums: Map<string, number>, key: string, value: number) =>
  sums.set(key, (sums.get(key) ?? 0) + value);

/** One job of each group that no earlier run has. */
function newGroups(run: FarmRun, runs: readonly FarmRun[]) {
  const known = new Set(runs.slice(0, runs.indexOf(run)).flatMap((one) => one.jobs.map(groupOf)));
  const byGroup = new Map(run.jobs.map((job) => [groupOf(job), job]));
  return [...byGroup].filter(([group]) => !known.has(group)).map(([, job]) => job);
}
