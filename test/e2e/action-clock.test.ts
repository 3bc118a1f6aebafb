import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runMain } from '../support/action-harness.ts';
import { useLab } from '../support/action-lab.ts';
import { onGithub, pullRequest } from '../support/action-stage.ts';
import { isNightly } from '../support/nightly.ts';
import { type OidcIssuer, openIssuer } from '../support/oidc-issuer.ts';

const minuteMs = 60_000;
let offMs = 0;
let issuer: OidcIssuer;
beforeAll(async () => {
  // GitHub's clock as the server sees it.
  issuer = await openIssuer(() => Date.now() + offMs);
});
const lab = useLab({ 'tests/one.sh': 'echo one', 'tests/fails.sh': 'echo why; exit 1' }, () => ({
  oidc_issuer: issuer.url,
}));
afterAll(() => issuer.close());
beforeAll(() =>
  lab().client.call('setGithub', {
    params: { id: 'acme' },
    body: [{ repository_owner_id: '11', repository_id: '4711' }],
  }),
);

/** The environment of a runner whose clock is off by so much. */
const clockOff = (ms: number) => ({
  NODE_OPTIONS: `--require=${join(import.meta.dirname, '../support/shift-clock.cjs')}`,
  QGJOB_TEST_SHIFT_MS: String(ms),
  ...issuer.env,
});

test.each([
  ['5 minutes slow', -5 * minuteMs],
  ...(isNightly ? [['5 minutes fast', 5 * minuteMs] as const] : []),
] as const)(
  'a runner whose clock is %s signs in, waits, and writes its report, also past a limit of GitHub',
  async (_, ms) => {
    const inputs = { tests: 'tests/*.sh', token: '', comment: 'always' };
    const { github, step } = await onGithub(lab(), inputs, { event: pullRequest(), env: clockOff(ms) });
    github.inject({
      on: 'checks/update',
      answer: {
        status: 403,
        headers: {
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + 2),
        },
        body: { message: 'API rate limit exceeded' },
      },
    });
    const result = await runMain(step);
    expect(result, result.log).toMatchObject({
      ...{ code: 1, stderr: '' },
      outputs: { conclusion: 'failure', total: '2', passed: '1', failed: '1' },
    });
    // By the server's clock alone.
    const { submitted_at: from, finished_at: to } = await lab().client.call('getRun', {
      params: { id: result.outputs['run-id'] ?? '' },
    });
    expect(Number(result.outputs['duration-ms'])).toBe(Date.parse(String(to)) - Date.parse(from));
    expect(github.checks, result.log).toMatchObject([{ status: 'completed', conclusion: 'failure' }]);
    expect(github.comments).toHaveLength(1);
    expect(github.problems).toEqual([]);
  },
);

test.runIf(isNightly).each([
  ['5 minutes slow', 5 * minuteMs, 'it is not good yet'],
  ['10 minutes fast', -10 * minuteMs, 'it has expired'],
])(
  'a server whose clock is %s signs nobody in, and the step says what the clock shows',
  async (_, ms, why) => {
    offMs = ms;
    const result = await runMain(lab().step({ tests: 'tests/one.sh', token: '' }, { env: issuer.env }));
    offMs = 0;
    expect(result).toMatchObject({ code: 1, stderr: '', outputs: { status: 'errored' } });
    const errors = result.commands.filter(({ name }) => name === 'error').map(({ data }) => data);
    expect(errors).toEqual([
      expect.stringMatching(`${why}; the clock of this server says 20.*, is it right\\?`),
    ]);
  },
);
