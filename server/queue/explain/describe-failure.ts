import type { Evidence } from '../../../protocol/evidence.ts';
import type { Artifact } from '../../../protocol/shapes/artifact.ts';
import type { ExplainedFailure } from '../../../protocol/shapes/explain.ts';
import type { Start } from './failing-since.ts';
import type { FailureKind } from './group-failures.ts';

// What says most comes first.
const order: readonly Artifact['kind'][] = ['trace', 'video', 'screenshot', 'report', 'log', 'other'];
const filesShown = 2;

/** A kind of failure, whole: what does not fit is cut later. */
export function describeFailure(
  { job, test, error, alike }: FailureKind,
  evidence: Evidence,
  start: Start | undefined,
): ExplainedFailure {
  const { job_id, test_path, target, status, outcome, attempt, known_failure, quarantined_by: by } = job;
  const failed = job.report?.failed ?? job.tests?.filter((one) => one.status === 'failed').length ?? 0;
  return {
    ...{ job_id, test_path, target, status, outcome },
    test: test?.name ?? null,
    at: test?.file === undefined ? null : `${test.file}${test.line === undefined ? '' : `:${test.line}`}`,
    tests_failed: failed,
    error,
    device: evidence.devices.get(job.device_id ?? '') ?? null,
    attempts: attempt,
    known_failure,
    quarantined: (by ?? []).length > 0,
    since: start?.since ?? null,
    passed_in: start?.passedIn ?? null,
    evidence: attempt === 0 ? [] : filesOf(job_id, evidence),
    alike,
  };
}

function filesOf(jobId: string, { site, files }: Evidence): ExplainedFailure['evidence'] {
  const best = [...(files.get(jobId) ?? [])]
    .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
    .slice(0, filesShown)
    .map(({ kind, url }) => ({ kind, url }));
  return [{ kind: 'log', url: `${site}/v1/jobs/${jobId}/logs` }, ...best];
}
