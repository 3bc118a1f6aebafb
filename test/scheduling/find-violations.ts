import { type FarmJob, groupOf, type Span, type Workload } from './model.ts';

/** Allowed rounding error of virtual time, s. */
const slack = 1e-6;

/** The rules that a log breaks: each job runs once, after its arrival, on its target, with its app, one at a time. */
export function findViolations(workload: Workload, spans: readonly Span[]): string[] {
  const jobs = new Map(workload.runs.flatMap((run) => run.jobs).map((job) => [job.id, job]));
  const ran = spans.flatMap((span) => ('job' in span ? [span.job] : []));
  const missed = [...jobs.keys()].filter((id) => !ran.includes(id));
  const twice = ran.filter((id, index) => ran.indexOf(id) !== index);
  return [
    ...missed.map((id) => `${id} never ran`),
    ...twice.map((id) => `${id} ran twice`),
    ...workload.devices.flatMap((device) => {
      const own = spans.filter((span) => span.device === device.id).sort((a, b) => a.from - b.from);
      return violationsOf(own, device.target, jobs);
    }),
  ];
}

/** Violations on one device. */
function violationsOf(spans: readonly Span[], target: string, jobs: ReadonlyMap<string, FarmJob>): string[] {
  const violations: string[] = [];
  let installed: string | undefined;
  let free = 0;
  for (const span of spans) {
    const what = 'job' in span ? span.job : `the install of ${span.installs}`;
    if (span.from < free - slack) violations.push(`${what} started on a busy device`);
    free = span.to;
    if ('installs' in span) {
      installed = span.installs;
      continue;
    }
    const job = jobs.get(span.job);
    if (job?.target !== target) violations.push(`${what} ran on a device of ${target}`);
    if (job && groupOf(job) !== installed) violations.push(`${what} ran without its app`);
    if (job && span.from < job.arrival - slack) violations.push(`${what} ran before its arrival`);
  }
  return violations;
}
