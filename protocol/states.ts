/** The states and their words. The zod shapes, the CHECKs of the database and the docs use these tuples. */

export const jobStatuses = [
  'waiting',
  'queued',
  'scheduled',
  'running',
  'passed',
  'failed',
  'errored',
  'cancelled',
] as const;
export type JobStatus = (typeof jobStatuses)[number];

export const finalJobStatuses = ['passed', 'failed', 'errored', 'cancelled'] as const;
export type FinalJobStatus = (typeof finalJobStatuses)[number];

export const runStatuses = ['queued', 'running', 'passed', 'failed', 'errored', 'cancelled'] as const;
export type RunStatus = (typeof runStatuses)[number];

export const conclusions = ['success', 'failure', 'cancelled', 'neutral'] as const;
export type Conclusion = (typeof conclusions)[number];

/**
 * Why a run ended as it did, where its status does not say it. Of an errored run: the first one from `app` on that one
 * of its errored jobs has, so `infrastructure` means that there was no other reason.
 */
export const runReasons = [
  'superseded',
  'flaky',
  'max_failures',
  'known_failures',
  'quarantined',
  'app',
  'report',
  'rejected',
  'no_device',
  'device',
  'infrastructure',
] as const;
export type RunReason = (typeof runReasons)[number];

/** What a webhook may be told. */
export const webhookEvents = [
  'run.finished',
  'job.finished',
  'device.benched',
  'quarantine.hunted',
  'quarantine.ends',
] as const;
export const webhookStatuses = ['active', 'failing', 'off'] as const;

/** A quarantine holds for the runs of a merge queue, or for all others, or both. */
export const lanes = ['pull_request', 'merge_queue'] as const;

export const verdicts = ['passed', 'failed', 'error', 'cancelled'] as const;
export type Verdict = (typeof verdicts)[number];

/** Why an attempt has no verdict of its test. Only the server sets `lost`. */
export const errorClasses = [
  'infra_error',
  'report_error',
  'timeout',
  'install_failed',
  'build_error',
  'capacity',
  'lost',
  'interrupted',
  'rejected',
] as const;
export type ErrorClass = (typeof errorClasses)[number];

/** How a final job ended, in more detail than its status. */
export const outcomes = [
  'passed',
  'flaky',
  'failed',
  'infra_error',
  'report_error',
  'timeout',
  'install_failed',
  'build_error',
  'rejected',
  'poison',
  'no_device',
  'expired_in_queue',
  'cancelled',
  'max_failures',
] as const;
export type Outcome = (typeof outcomes)[number];

export const waitReasons = ['delay', 'backoff', 'install_failed', 'capacity'] as const;
export type WaitReason = (typeof waitReasons)[number];

/** What keeps a job from starting. */
export const blockReasons = [
  'delay',
  'backoff',
  'install_failed',
  'capacity',
  'org_paused',
  'target_paused',
  'org_cap',
  'no_device',
  'devices_paused',
  'devices_borrowed',
  'avoided_device',
  'host_busy',
] as const;
export type BlockReason = (typeof blockReasons)[number];

export const testStatuses = ['passed', 'failed', 'skipped', 'flaky'] as const;
export type TestStatus = (typeof testStatuses)[number];

export const deviceStatuses = ['idle', 'busy', 'offline', 'paused', 'benched', 'borrowed'] as const;
export type DeviceStatus = (typeof deviceStatuses)[number];

/** Of a device that a person has for a while, or waits for. */
export const borrowStatuses = ['waiting', 'active', 'ended'] as const;
export type BorrowStatus = (typeof borrowStatuses)[number];

/**
 * How a borrow ended. `cancelled`: given up before it began, or nobody waited for it any more. `device_gone`: the agent does
 * not offer the device any more.
 */
export const borrowEnds = ['returned', 'expired', 'cancelled', 'device_gone'] as const;
export type BorrowEnd = (typeof borrowEnds)[number];

export const artifactKinds = ['screenshot', 'video', 'trace', 'report', 'log', 'other'] as const;
export type ArtifactKind = (typeof artifactKinds)[number];

export const frameworks = [
  'appwright',
  'mobilewright',
  'playwright',
  'maestro',
  'webdriverio',
  'detox',
  'command',
] as const;
export type Framework = (typeof frameworks)[number];

export const scopes = ['admin', 'submit', 'read', 'agent'] as const;
export type Scope = (typeof scopes)[number];

/** True for a job or run that cannot change any more. */
export function isFinal(status: JobStatus | RunStatus): boolean {
  return (finalJobStatuses as readonly string[]).includes(status);
}

/** What an app runs on. */
export const appPlatforms = ['android', 'ios'] as const;
export type AppPlatform = (typeof appPlatforms)[number];

/** When a result is written into the comment of a pull request. */
export const commentPolicies = ['always', 'failures', 'changes', 'off'] as const;
export type CommentPolicy = (typeof commentPolicies)[number];
