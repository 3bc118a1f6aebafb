export type { CallInput } from './call.ts';
export { type Client, createClient } from './client.ts';
export type { Endpoint } from './endpoint.ts';
export { mayMeanTheBody } from './foreign-answer.ts';
export { askedDelayMs, isRetryable, type RetryRule, retryDelayMs, withRetry } from './retry.ts';
export { waitForJob } from './wait-job.ts';
export { type RunView, type WaitOptions, waitForRun } from './wait-run.ts';
