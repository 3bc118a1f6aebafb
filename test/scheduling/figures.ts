import { type FarmRun, groupOf, type Span, type Workload } from './model.ts';

/** What a log is worth. Times in seconds. */
export interface Figures {
  readonly installsPerGroup: number;
  /** From the first arrival to the last end, by the least that any schedule needs. */
  readonly makespanRatio: number;
  /** From the arrival of a run to the end of its last job, mean over the runs. */
  meanFlow(of?: (run: FarmRun) => boolean): number;
  /** The longest from the arrival of a run to the start of a job of it. */
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
 * No schedule ends sooner: whatever came at or after an instant must fit behind it, on the devices of its target, with
 * one install of each group that is new then.
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

/** One job of each group that no run before this one has. */
function newGroups(run: FarmRun, runs: readonly FarmRun[]) {
  const known = new Set(runs.slice(0, runs.indexOf(run)).flatMap((one) => one.jobs.map(groupOf)));
  const byGroup = new Map(run.jobs.map((job) => [groupOf(job), job]));
  return [...byGroup].filter(([group]) => !known.has(group)).map(([, job]) => job);
}
