export type { CallInput } from './call.ts';
export { type Client, createClient } from './client.ts';
export { mayMeanTheBody } from './foreign-answer.ts';
export type { Endpoint } from './request.ts';
export {
  askedDelayMs,
  isRetryable,
  mayMendItself,
  type RetryRule,
  retryDelayMs,
  withRetry,
} from './retry.ts';
export { type RunView, type WaitOptions, waitForJob, waitForRun } from './wait.ts';
