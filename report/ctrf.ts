import type { Job, TestCase } from '../protocol/shapes/job.ts';
import { cleanLine, cleanLines } from './clean-lines.ts';
import type { ReportedRun } from './junit.ts';
import { isQuarantined, resultOf } from './outcome-words.ts';

type Status = 'passed' | 'failed' | 'skipped' | 'pending' | 'other';

interface CtrfTest {
  readonly name: string;
  readonly status: Status;
  /** In ms. */
  readonly duration: number;
  readonly suite: string;
  readonly filePath: string;
  readonly message?: string;
  readonly flaky?: true;
  readonly tags?: readonly string[];
}

/**
 * The run as a report in the Common Test Report Format (ctrf.io). Of a job that did not pass at least one test has not
 * passed either.
 */
export function toCtrf({ run, jobs }: ReportedRun): object {
  const tests = jobs.flatMap((job) => [...(job.tests ?? []).map((test) => ofTest(test, job)), ...ofJob(job)]);
  const count = (status: Status): number => tests.filter((test) => test.status === status).length;
  const start = Date.parse(run.started_at ?? run.submitted_at);
  return {
    reportFormat: 'CTRF',
    specVersion: '0.0.0',
    results: {
      tool: { name: 'qgjob' },
      summary: {
        tests: tests.length,
        passed: count('passed'),
        failed: count('failed'),
        skipped: count('skipped'),
        pending: count('pending'),
        other: count('other'),
        start,
        stop: run.finished_at === null ? start : Date.parse(run.finished_at),
      },
      tests,
      extra: { run_id: run.run_id, status: run.status, conclusion: run.conclusion, reason: run.reason },
    },
  };
}

const suiteOf = (job: Job): string => cleanLine(`${job.test_path} on ${job.target}`, 500);

function ofTest({ name, file, status, duration_ms: duration, message }: TestCase, job: Job): CtrfTest {
  return {
    name: cleanLine(name, 500),
    // A flaky test passed in the end.
    status: status === 'flaky' ? 'passed' : status,
    duration,
    suite: suiteOf(job),
    filePath: cleanLine(file ?? job.test_path, 500),
    ...(message !== undefined && { message: cleanLines(message).join('\n') }),
    ...(status === 'flaky' && { flaky: true as const }),
    ...(status === 'failed' && isQuarantined(job) && { tags: ['quarantined'] }),
  };
}

/** The job itself, where no test of it shows its result. */
function ofJob(job: Job): CtrfTest[] {
  const tests = job.tests ?? [];
  if (job.status === 'passed' && tests.length > 0) return [];
  if (job.status === 'failed' && tests.some(({ status }) => status === 'failed')) return [];
  return [
    {
      name: cleanLine(job.test_path, 500),
      status: statusOf(job),
      duration: job.duration_ms ?? 0,
      suite: suiteOf(job),
      filePath: cleanLine(job.test_path, 500),
      ...(job.status !== 'passed' && { message: cleanLines(job.error ?? resultOf(job)).join('\n') }),
      ...(job.outcome === 'flaky' && { flaky: true as const }),
    },
  ];
}

function statusOf({ status, finished_at: finishedAt }: Job): Status {
  if (status === 'passed') return 'passed';
  if (finishedAt === null) return 'pending';
  return status === 'cancelled' ? 'other' : 'failed';
}
