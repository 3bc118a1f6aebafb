import { expect, test } from 'vitest';
import { leaseOf } from '../test-support/leases.ts';
import type { Call } from '../test-support/read-call.ts';
import { startTestAgent } from '../test-support/start-agent.ts';

const files = { 'a.sh': 'exit 0', 'b.sh': 'exit 0' };
const lease = leaseOf(['a.sh', 'b.sh']);

test('a verdict is sent again while the server is away', async () => {
  const { server } = await startTestAgent({
    files,
    prepare: (fake) => fake.refuse('finishJob', 'unavailable'),
  });
  server.grant(lease);
  await server.verdict('job_b_sh');
  const [first, again] = server.callsOf('finishJob');
  expect(again).toEqual(first);
});

test('a verdict whose answer was lost is sent again, the same', async () => {
  const { server } = await startTestAgent({ files, prepare: (fake) => fake.loseAnswer('finishJob') });
  server.grant(lease);
  await server.verdict('job_b_sh');
  const [first, again] = server.callsOf('finishJob');
  expect(again).toEqual(first);
});

test.each(['conflict', 'job_cancelled'] as const)(
  'a verdict that is refused with %s costs the other jobs nothing',
  async (code) => {
    const { server } = await startTestAgent({ files, prepare: (fake) => fake.refuse('finishJob', code) });
    server.grant(lease);
    expect(await server.verdict('job_b_sh')).toMatchObject({ verdict: 'passed' });
  },
);

test.each(['lease_lost', 'not_found'] as const)(
  'a verdict that is refused with %s ends the lease',
  async (code) => {
    const { server, lines } = await startTestAgent({
      files,
      prepare: (fake) => fake.refuse('finishJob', code),
    });
    server.grant(lease);
    await server.until(() => server.callsOf('takeLease').length === 2);
    expect(server.callsOf('startJob')).toHaveLength(1);
    expect(lines).toContain(`a.sh: its verdict was not taken: ${code}`);
  },
);

const failing = { 'a.sh': 'echo "<script>alert(1)</script> expected 2, got 3"; exit 1', 'b.sh': 'exit 0' };
const lostTexts = 'the texts of this report did not get through to the server; its log may have more';
const sent = { attempt: 1, verdict: 'failed' };

test.each(['invalid', 'too_large'] as const)(
  'a report that the server calls %s is sent with less text, and the verdict stays',
  async (code) => {
    const { server, lines } = await startTestAgent({
      files: failing,
      prepare: (fake) => fake.refuse('finishJob', code),
    });
    server.grant(lease);
    await server.verdict('job_b_sh');
    const [first, second] = server.callsOf('finishJob').map((call) => call.body);
    expect(first).toMatchObject({ ...sent, error: expect.stringContaining('<script') });
    expect(second).toMatchObject({ ...sent, error: lostTexts });
    expect(lines).toContain('a.sh: its verdict was taken, but not all of its texts');
  },
);

test('a server that takes a report in no form is not asked for ever', async () => {
  const { server } = await startTestAgent({
    files: failing,
    prepare: (fake) => fake.refuse('finishJob', 'invalid', { times: 100 }),
  });
  server.grant(lease);
  await server.until(() => server.callsOf('takeLease').length === 2);
  expect(server.callsOf('finishJob')).toHaveLength(2);
});

const hasScript = ({ body }: Call): boolean => JSON.stringify(body).includes('<script');

test.each([403, 404, 406, 200, 501, 302, 503])(
  'a filter on the way that answers %i to its words does not hold a verdict up',
  async (status) => {
    const { server, lines } = await startTestAgent({
      files: failing,
      prepare: (fake) => fake.standBetween('finishJob', status, { when: hasScript, times: 1000 }),
    });
    server.grant(lease);
    expect(await server.verdict('job_a_sh')).toMatchObject({ ...sent, error: lostTexts });
    await server.verdict('job_b_sh');
    expect(server.callsOf('finishJob')).toHaveLength(2);
    expect(lines.filter((line) => line.startsWith('a.sh: its verdict was not taken'))).toEqual([
      expect.stringContaining(`answered ${status} with a page that is not qgjob's ("${status}")`),
    ]);
  },
);

test.each([404, 403, 502, 503, 200, 429])(
  'a passing %i of something on the way costs a verdict no word',
  async (status) => {
    const { server, lines } = await startTestAgent({
      files: failing,
      prepare: (fake) => fake.standBetween('finishJob', status, { times: 2 }),
    });
    server.grant(lease);
    expect(await server.verdict('job_a_sh')).toMatchObject({
      ...sent,
      error: expect.stringContaining('<script'),
    });
    await server.verdict('job_b_sh');
    expect(server.callsOf('finishJob')).toHaveLength(2);
    expect(lines.filter((line) => line.includes('its verdict was taken, but'))).toEqual([]);
  },
);

test('a start is asked for until it is known, and its test runs once', async () => {
  const { server } = await startTestAgent({
    files: { 'once.sh': 'mkdir once' },
    // The client itself repeats no call.
    retryMs: 0,
    prepare: (fake) => {
      fake.refuse('startJob', 'unavailable');
      fake.loseAnswer('startJob');
    },
  });
  server.grant(leaseOf(['once.sh']));
  expect(await server.verdict('job_once_sh')).toMatchObject({ verdict: 'passed' });
  expect(server.callsOf('startJob').length).toBeGreaterThan(1);
});
