import { expect, test } from 'vitest';
import { routes } from '../../protocol/routes.ts';
import { untilTrue } from '../test-support/host.ts';
import { agentToken, leaseOf, leaseToken } from '../test-support/leases.ts';
import { startTestAgent } from '../test-support/start-agent.ts';

const files = { 'a.sh': 'exit 0', 'b.sh': 'exit 0' };

test('the calls of a lease carry its own token, all others that of the agent', async () => {
  const { server } = await startTestAgent({ files });
  server.grant(leaseOf(['a.sh', 'missing.sh'], { install: true }));
  await server.verdict('job_a_sh');
  await server.until(() => server.callsOf('takeLease').length === 2);
  const ofLease = server.calls.filter(({ name }) => routes[name].scope === 'lease');
  expect(new Set(ofLease.map(({ name }) => name))).toEqual(
    new Set(['finishJob', 'reportInstalled', 'startJob', 'appendLogs']),
  );
  expect(new Set(ofLease.map(({ token }) => token))).toEqual(new Set([leaseToken]));
  const others = server.calls.filter((call) => !ofLease.includes(call));
  expect(new Set(others.map(({ token }) => token))).toEqual(new Set([agentToken]));
});

test('a lease that is given back is released by its own token', async () => {
  const { server, agent } = await startTestAgent({ files: { 'a.sh': 'exit 0', 'b.sh': 'exit 0' } });
  server.refuse('startJob', 'lease_lost');
  server.grant(leaseOf(['a.sh', 'b.sh']));
  await server.until(() => server.callsOf('releaseLease').length === 1);
  expect(server.callsOf('releaseLease')[0]).toMatchObject({ token: leaseToken });
  expect(agent.stop.drain.aborted).toBe(false);
});

test('a lease whose token is refused again and again ends alone: the agent goes on', async () => {
  const { server, agent, lines } = await startTestAgent({ files });
  const more = agent.timing.refusals + 1;
  server.refuse('startJob', 'unauthorized', { times: more });
  for (let n = 0; n < more; n += 1) server.grant(leaseOf(['a.sh']));
  server.grant(leaseOf(['b.sh']));
  expect(await server.verdict('job_b_sh')).toMatchObject({ verdict: 'passed' });
  expect(server.granted.size).toBe(more + 1);
  expect(agent.stop.drain.aborted).toBe(false);
  expect(lines).toContain('a.sh  not started: the server refuses the token of this lease: unauthorized');
});

test('nor is the agent ended by bundles that it may not read', async () => {
  const { server, agent } = await startTestAgent({ files });
  const more = agent.timing.refusals + 1;
  server.refuse('getLeaseSource', 'forbidden', { times: more });
  const source = { kind: 'bundle' as const, sha256: '0'.repeat(64) };
  for (let n = 0; n < more; n += 1) server.grant(leaseOf(['a.sh'], { source }));
  server.grant(leaseOf(['b.sh']));
  expect(await server.verdict('job_b_sh')).toMatchObject({ verdict: 'passed' });
  expect(server.callsOf('getLeaseSource')).toHaveLength(more);
});

test('a lease without a token that can be sent is no lease', async () => {
  const { server, lines } = await startTestAgent({ files });
  server.grant(leaseOf(['a.sh'], { token: 'two words' }));
  await untilTrue(() => lines.some((line) => line.includes('a lease without a token')));
  expect(server.callsOf('startJob')).toEqual([]);
});

test('the token of a lease is masked in its log and its verdict, and so is none of a lease that has ended', async () => {
  const says = `echo "I am ${leaseToken}"; exit 1`;
  const { server, agent } = await startTestAgent({ files: { 'a.sh': says } });
  server.grant(leaseOf(['a.sh']));
  expect(await server.verdict('job_a_sh')).toMatchObject({ verdict: 'failed' });
  expect(JSON.stringify(server.verdictOf('job_a_sh'))).toContain('I am [redacted]');
  expect(server.logOf('job_a_sh')).toContain('I am [redacted]');
  expect(server.logOf('job_a_sh')).not.toContain(leaseToken);
  await server.until(() => server.callsOf('takeLease').length === 2);
  await untilTrue(() => agent.redact(leaseToken) === leaseToken);
});
