import type { FinishJob } from '../../protocol/shapes/agent.ts';

/** What an attempt comes to, before it is reported. A failing test is a value like any other. */
export type AttemptResult = Pick<FinishJob, 'verdict' | 'error_class' | 'error' | 'tests' | 'report'>;

type ErrorClass = NonNullable<FinishJob['error_class']>;

/** No verdict could be had, and why. `tests` are what a report still told. */
export function errored(
  errorClass: ErrorClass,
  error: string,
  tests?: AttemptResult['tests'],
): AttemptResult {
  return { verdict: 'error', error_class: errorClass, error, ...(tests && { tests }) };
}
