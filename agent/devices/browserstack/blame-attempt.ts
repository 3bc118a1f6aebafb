import type { DeviceBlame, FailedAttempt } from '../device.ts';

/** What BrowserStack says, to a test, in place of a session or in the middle of one. The first that fits counts. */
const sayings: readonly (readonly [RegExp, DeviceBlame & { readonly losesApp?: true }])[] = [
  [
    /BROWSERSTACK_QUEUE_SIZE_EXCEEDED|All parallel tests are currently in use/i,
    { class: 'capacity', why: "BrowserStack's own queue was full" },
  ],
  [
    /BROWSERSTACK_TIER_LIMIT_EXCEEDED/,
    {
      class: 'capacity',
      why: "the plan's sessions for phones of this tier were all in use",
      mayBeForEver: true,
    },
  ],
  [
    /BROWSERSTACK_APP_DELETED|BROWSERSTACK_INVALID_APP_URL/,
    {
      class: 'infra_error',
      why: 'BrowserStack does not have the app any more; it is uploaded anew',
      losesApp: true,
    },
  ],
  [
    /BROWSERSTACK_FAILED_TO_START_BROWSER/,
    { class: 'infra_error', why: 'BrowserStack could not start the session' },
  ],
];

/**
 * Why a failure says nothing of the test, by what it says itself. Undefined: it does. One failed test that says something else
 * is a finding, whatever befell the others; the error of an attempt counts only where no test tells more.
 */
export function blameBySaying({
  error = '',
  tests = [],
}: FailedAttempt): (typeof sayings)[number][1] | undefined {
  const failed = tests.filter(({ status }) => status === 'failed').map(({ message = '' }) => message);
  const said = failed.length > 0 ? failed : [error];
  if (!said.every((words) => sayings.some(([pattern]) => pattern.test(words)))) return undefined;
  return sayings.find(([pattern]) => said.some((words) => pattern.test(words)))?.[1];
}
