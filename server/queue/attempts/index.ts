// Attempts, the next state of their jobs, logs and artifacts: what other rooms and the callers of the queue may use.
export {
  addArtifact,
  fileOf,
  isArtifact,
  type NamedUpload,
  planUpload,
  type UploadPlan,
} from './add-artifact.ts';
export { attemptsOfDevice, type DeviceAttempt } from './attempts-of-device.ts';
export { checkUpload } from './check-upload.ts';
export { countEnds } from './count-ends.ts';
export { strikeDevice, whyBenched } from './device-strikes.ts';
export { type AttemptEnd, avoidMs, endAttempts } from './end-attempts.ts';
export { appAfter, errorEffects, longestBackoffMs } from './error-classes.ts';
export { finishAttempt } from './finish-attempt.ts';
export { finishJobs } from './finish-jobs.ts';
export {
  countFailedInstall,
  endBrokenGroup,
  endHunt,
  endSpentGroup,
  forgetInstalled,
  forgetInstallFailures,
} from './install-effects.ts';
export { afterInstall, type Ending } from './next-job-state.ts';
export { listArtifacts, readArtifact } from './read-artifacts.ts';
export { startAttempt } from './start-attempt.ts';
