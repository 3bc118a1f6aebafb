import { filledLines } from '../../../protocol/clean-text.ts';
import type { Job, TestCase } from '../../../protocol/shapes/job.ts';

/** Jobs that ended red with the same error. */
export interface FailureKind {
  /** The first of them. */
  readonly job: Job;
  /** Of its failed cases the first one. */
  readonly test: TestCase | undefined;
  /** The first line of its error. */
  readonly error: string | null;
  /** The other ones. */
  readonly alike: number;
}

const lineLength = 1000;

/** Each kind of failure once, in the order of the jobs. Numbers tell no two errors apart: they are times, ports and sizes. */
export function groupFailures(jobs: readonly Job[]): FailureKind[] {
  const kinds = new Map<string, FailureKind>();
  for (const job of jobs) {
    const kind = kindOf(job);
    const key = JSON.stringify([
      job.status,
      job.outcome,
      job.known_failure,
      (job.quarantined_by ?? []).length > 0,
      kind.error?.replace(/\d+/g, '0') ?? job.job_id,
    ]);
    const known = kinds.get(key);
    kinds.set(key, known ? { ...known, alike: known.alike + 1 } : kind);
  }
  return [...kinds.values()];
}

function kindOf(job: Job): FailureKind {
  const test = job.status === 'failed' ? job.tests?.find(({ status }) => status === 'failed') : undefined;
  return { job, test, error: firstLine(test?.message ?? job.error ?? ''), alike: 0 };
}

/** Null where there is none. One that only leads to the output below it comes with the end of that, which says most. */
function firstLine(text: string): string | null {
  const lines = filledLines(text, lineLength).map((line) => line.trim());
  const [first, last] = [lines[0], lines.at(-1)];
  return first?.endsWith(':') && last !== first ? `${first} ${last}` : (first ?? null);
}
