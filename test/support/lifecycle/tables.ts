import { verdictCode } from '../../../cli/wait/verdict-code.ts';
import { limits, submitDefaults } from '../../../protocol/limits.ts';
import type { Run } from '../../../protocol/shapes/run.ts';
import {
  type ErrorClass,
  errorClasses,
  type JobStatus,
  jobStatuses,
  type Outcome,
  outcomes,
  type WaitReason,
  waitReasons,
} from '../../../protocol/states.ts';
import { settingShapes } from '../../../server/config.ts';
import {
  type ErrorEffect,
  errorEffects,
  maxCrashes,
  type Wait,
} from '../../../server/queue/attempts/error-classes.ts';
import { overdueGraceMs } from '../../../server/queue/leases/expire-lease.ts';
import { markdownTable as table } from '../markdown-table.ts';
import { checkSentences, readChecks, statesOfCheck } from './checks.ts';
import { erroredReasons, runEnds } from './run-ends.ts';

const states: Record<JobStatus, string> = {
  waiting: 'It waits until a time: a delay that the submit asked for, or a backoff',
  queued: 'Any device of its pool may take it',
  scheduled: 'It is in the lease of a device and has not started',
  running: 'An attempt runs',
  passed: 'Its test ran and passed',
  failed: 'Its test ran and failed',
  errored: 'It ended without a verdict of its test',
  cancelled: 'It was cancelled before it had a verdict',
};

const ends: Record<Outcome, [status: JobStatus, means: string]> = {
  passed: ['passed', 'The test passed, and never failed before'],
  flaky: ['passed', 'The test passed after it had failed, in an attempt before or in the same'],
  failed: ['failed', 'The test failed, with its retries spent'],
  infra_error: ['errored', 'An error of the device or the host, with the retries spent'],
  report_error: [
    'errored',
    'The report was missing, cut or contradictory, or showed that no test ran: twice, or with no retry left',
  ],
  timeout: ['errored', 'It ran longer than its `timeout_ms`, with the retries spent'],
  install_failed: ['errored', 'The install of the app failed, on two devices or three times in a row'],
  build_error: ['errored', 'The file of the app is invalid'],
  rejected: ['errored', 'It cannot run as submitted: no such test, or a workspace at another commit'],
  poison: ['errored', 'Its agent was lost during each of three attempts'],
  no_device: ['errored', 'No device of the org or of the shared pool has ever offered its target'],
  expired_in_queue: ['errored', 'No device took it in time, and its test never failed before'],
  cancelled: ['cancelled', 'Cancelled, by a call or by a newer commit'],
  max_failures: ['cancelled', 'As many jobs of its run had failed as its `max_failures` says'],
};

const reasons: Record<WaitReason, string> = {
  delay: 'The submit asked for it (`delay_ms`)',
  backoff: 'A pause after an error of the device or the host',
  install_failed: 'The install before its test failed',
  capacity: 'The provider of the device has no free device',
};

const classes: Record<ErrorClass, string> = {
  infra_error: 'Device offline, driver crashed',
  report_error: 'The report is missing, unreadable, cut or contradictory, or shows that no test ran',
  timeout: 'It ran longer than its `timeout_ms`',
  install_failed: 'The install of the app failed on this device, or took too long',
  build_error: 'The file of the app itself is invalid: all jobs of its group that have not started end',
  capacity: "The provider's own queue is full",
  lost: 'The lease expired while it ran; the server sets this class, no agent',
  interrupted: 'The agent had to stop: a drain that could not wait',
  rejected: 'It cannot run as submitted',
};

const code = (word: string): string => `\`${word}\``;
const yes = (value: boolean): string => (value ? 'yes' : '');

/** `10 s`, `15 min`, `24 h`, in whole numbers. */
export function inUnits(ms: number): string {
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`;
  return ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1000} s`;
}

function describeBudget({ counts, endsAs, triesAgain }: ErrorEffect): string {
  if (triesAgain !== undefined) return '`failures`, up to `max_retries`, and only one retry';
  if (counts === 'failures') return '`failures`, up to `max_retries`';
  if (counts === 'crashes') return `\`crashes\`, up to ${maxCrashes - 1}`;
  if (counts === 'releases') return '`releases`, no limit';
  return endsAs === undefined ? 'nothing' : 'none: it ends at once';
}

function describeWait(wait: Wait | undefined, endsAtOnce: boolean): string {
  if (wait === undefined) return endsAtOnce ? '' : 'none: `queued` at once';
  const { baseMs, capMs, isExact } = wait;
  if (isExact) return inUnits(baseMs);
  if (capMs === undefined) return `${inUnits(baseMs / 2)} to ${inUnits(baseMs)}`;
  return `${inUnits(baseMs)} · 2ⁿ up to ${inUnits(capMs)}, times 0.5 to 1`;
}

const describeDevice = ({ strikesDevice, avoidsDevice }: ErrorEffect): string =>
  [strikesDevice && 'strike', avoidsDevice && 'another one first'].filter(Boolean).join(', ');

/** What it costs the group: as a verdict, and as the end of an install. */
function describeGroup({ app, appAtInstall }: ErrorEffect): string {
  if (app === 'broken') return 'ends';
  if (app === 'failed') return 'one more failed install';
  return appAtInstall ? 'one more failed install, if it ended an install' : '';
}

/** The exit code of `qgjob wait`. */
const exitOf = (end: Pick<Run, 'status' | 'conclusion'>): string => String(verdictCode(end as Run));

/** The generated tables of docs/job-lifecycle.md, by the name of their marks. */
export const lifecycleTables: Record<string, () => string> = {
  job_states: () =>
    table(
      ['state', 'means', 'in a lease', 'final'],
      jobStatuses.map((status) => [
        code(status),
        states[status],
        yes(statesOfCheck('jobs_leased').includes(status)),
        yes(statesOfCheck('jobs_finalized').includes(status)),
      ]),
    ),
  outcomes: () =>
    table(
      ['outcome', 'of a job that is', 'means'],
      outcomes.map((outcome) => [code(outcome), code(ends[outcome][0]), ends[outcome][1]]),
    ),
  wait_reasons: () =>
    table(
      ['wait reason', 'means'],
      waitReasons.map((reason) => [code(reason), reasons[reason]]),
    ),
  error_classes: () =>
    table(
      ['class', 'means', 'spends', 'waits', 'then', 'device', 'group'],
      errorClasses.map((name) => {
        const rule = errorEffects[name];
        const endsAs = rule.endsAs ? `\`errored\`, ${code(rule.endsAs)}` : '';
        const endsAtOnce = rule.endsAs !== undefined && rule.counts === undefined;
        return [
          code(name),
          classes[name],
          describeBudget(rule),
          describeWait(rule.wait, endsAtOnce),
          endsAs,
          describeDevice(rule),
          describeGroup(rule),
        ];
      }),
    ),
  run_ends: () =>
    table(
      ['jobs', 'status', 'conclusion', 'reason', 'exit code'],
      runEnds.map((end) => [
        end.jobs,
        code(end.status),
        code(end.conclusion ?? ''),
        end.reasonText ?? (end.reason ? code(end.reason) : ''),
        exitOf(end),
      ]),
    ),
  run_reasons: () =>
    table(
      ['reason', 'some job ended as'],
      erroredReasons.map(({ reason, outcomes: of }) => [code(reason), of.map(code).join(', ')]),
    ),
  checks: () =>
    table(
      ['CHECK', 'keeps'],
      readChecks().map(({ name }) => [code(name), checkSentences[name]?.keeps ?? '']),
    ),
  times: () =>
    table(
      ['what', 'how much'],
      [
        ['Time that a lease lives without a heartbeat (`QGJOB_LEASE_TTL_MS`)', setting('lease_ttl_ms')],
        ['Longest time between two heartbeats of an agent (`QGJOB_HEARTBEAT_MS`)', setting('heartbeat_ms')],
        ['Longest time of a long poll', inUnits(limits.longPollMs)],
        ['Most jobs in one lease', String(limits.jobsPerLease)],
        [
          '`max_retries`, unless the submit or `QGJOB_MAX_RETRIES` sets it',
          String(submitDefaults.maxRetries),
        ],
        [
          '`retry_failed_tests`, unless it or `max_retries` is given',
          String(submitDefaults.retryFailedTests),
        ],
        ['`timeout_ms`, unless given', inUnits(submitDefaults.timeoutMs)],
        ['The server ends an attempt this long after its `timeout_ms`', inUnits(overdueGraceMs)],
        ['`queue_timeout_ms`, unless given', inUnits(submitDefaults.queueTimeoutMs)],
        ['The same if no device has ever offered the target', inUnits(submitDefaults.unofferedTimeoutMs)],
      ],
    ),
};

const setting = (name: 'lease_ttl_ms' | 'heartbeat_ms'): string =>
  inUnits(Number(settingShapes[name].safeParse(undefined).data));
