import { expect, test } from 'vitest';
import { leaseOf } from '../test-support/leases.ts';
import { startTestAgent } from '../test-support/start-agent.ts';

const files = { 'a.sh': 'exit 0', 'b.sh': 'exit 0' };
const lease = leaseOf(['a.sh', 'b.sh']);

test('a verdict is offered again while the server is away', async () => {
  const { server } = await startTestAgent({
    files,
    prepare: (fake) => fake.refuse('finishJob', 'unavailable'),
  });
  server.offer(lease);
  await server.verdict('job_b_sh');
  const [first, again] = server.callsOf('finishJob');
  expect(again).toEqual(first);
});

test('a verdict whose answer was lost is sent again, the same', async () => {
  const { server } = await startTestAgent({ files, prepare: (fake) => fake.loseAnswer('finishJob') });
  server.offer(lease);
  await server.verdict('job_b_sh');
  const [first, again] = server.callsOf('finishJob');
  expect(again).toEqual(first);
});

test.each(['conflict', 'job_cancelled'] as const)(
  'a verdict that is refused with %s costs the other jobs nothing',
  async (code) => {
    const { server } = await startTestAgent({ files, prepare: (fake) => fake.refuse('finishJob', code) });
    server.offer(lease);
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
    server.offer(lease);
    await server.until(() => server.callsOf('takeLease').length === 2);
    expect(server.callsOf('startJob')).toHaveLength(1);
    expect(lines).toContain(`a.sh: its verdict was not taken: ${code}`);
  },
);

test.each(['invalid', 'too_large'] as const)(
  'a report that is %s costs its attempt, not its truth',
  async (code) => {
    const { server } = await startTestAgent({ files, prepare: (fake) => fake.refuse('finishJob', code) });
    server.offer(lease);
    await server.verdict('job_b_sh');
    expect(server.callsOf('finishJob')[1]?.body).toMatchObject({
      attempt: 1,
      verdict: 'error',
      error_class: 'infra_error',
      error: `the server did not take this attempt's report: ${code}`,
    });
  },
);

test('a server that takes neither the report nor the confession is not asked for ever', async () => {
  const { server } = await startTestAgent({
    files,
    prepare: (fake) => fake.refuse('finishJob', 'invalid', { times: 100 }),
  });
  server.offer(lease);
  await server.until(() => server.callsOf('takeLease').length === 2);
  expect(server.callsOf('finishJob')).toHaveLength(2);
});

test('a start is asked for until it is known, and its test runs once', async () => {
  const { server } = await startTestAgent({
    files: { 'once.sh': 'mkdir once' },
    // Each call is sent once, as if its time to be repeated were over.
    retryMs: 0,
    prepare: (fake) => {
      fake.refuse('startJob', 'unavailable');
      fake.loseAnswer('startJob');
    },
  });
  server.offer(leaseOf(['once.sh']));
  expect(await server.verdict('job_once_sh')).toMatchObject({ verdict: 'passed' });
  expect(server.callsOf('startJob').length).toBeGreaterThan(1);
});
