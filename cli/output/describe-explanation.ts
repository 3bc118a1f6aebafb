import { oneLine } from '../../protocol/clean-text.ts';
import { formatDuration } from '../../protocol/durations.ts';
import type { ExplainedFailure, ExplainedRun, RunRef } from '../../protocol/shapes/explain.ts';
import { plural, shortHash } from '../../protocol/words.ts';
import { wordsOfOutcome, wordsOfReason } from '../../report/outcome-words.ts';
import { inColour } from './colour.ts';
import { endedParts, openParts } from './counts.ts';
import { formatFields } from './describe-job.ts';
import { describeWhy } from './describe-why.ts';

/** What a run came to, then each kind of failure with the command that shows more. */
export function describeExplanation(told: ExplainedRun): string[] {
  const { run_id: id, failures, failures_left_out: left, next } = told;
  return [
    ...formatFields(id, told.status, [
      ['app', told.app_version_id],
      ['commit', told.commit === null ? undefined : shortHash(told.commit)],
      ['reason', oneLine(wordsOfReason(told))],
      ['jobs', [...endedParts(told.counts), ...openParts(told.counts)].join(', ')],
      ['took', told.duration_ms === null ? undefined : formatDuration(told.duration_ms)],
    ]),
    ...failures.flatMap((one) => ['', ...describeKind(one)]),
    ...(left > 0 ? ['', `… and ${left} more: qgjob list --run=${id}`] : []),
    ...(next === null
      ? []
      : ['', 'next to start:', ...describeWhy({ ...next, status: 'queued', position: null })]),
    ...(failures.length > 0 && told.conclusion !== null ? ['', `again: qgjob retry ${id} --failed`] : []),
  ];
}

function describeKind(failure: ExplainedFailure): string[] {
  const { status, test_path: path, target, test, at, error, alike, attempts, device } = failure;
  const where = [device && `on ${device}`, attempts > 1 && plural(attempts, 'attempt')].filter(Boolean);
  return [
    `${inColour(status)}  ${oneLine(path)}  ${target}${where.length > 0 ? `  ${where.join(', ')}` : ''}`,
    ...(test === null ? [] : [`  ${oneLine(test)}${at === null ? '' : ` (${oneLine(at)})`}`]),
    ...(status === 'errored' ? [`  no verdict: ${wordsOfOutcome(failure)}`] : []),
    ...(error === null ? [] : [`    ${oneLine(error)}`]),
    ...history(failure).map((line) => `  ${line}`),
    ...(alike > 0 ? [`  ${plural(alike, 'other job')} ended with the same error`] : []),
    `  more: qgjob logs ${failure.job_id}`,
  ];
}

/** Since when it fails, where that is known. */
function history({
  known_failure: known,
  quarantined,
  since,
  passed_in: passed,
  status,
}: ExplainedFailure): string[] {
  return [
    ...(quarantined ? ['in quarantine: it does not make the run red'] : []),
    ...(known === true ? ['known: the base branch fails so too'] : []),
    ...(since === null ? [] : [`fails since ${describeRef(since)}`]),
    ...(since === null && passed !== null && status === 'failed' ? ['fails for the first time'] : []),
    ...(passed === null ? [] : [`passed in ${describeRef(passed)}`]),
  ];
}

const describeRef = ({ run_id, commit, app_version_id, submitted_at }: RunRef): string =>
  `${run_id}, ${commit === null ? app_version_id : `commit ${shortHash(commit)}`}, ${submitted_at.slice(0, 10)}`;
