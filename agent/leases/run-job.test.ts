import { expect, test } from 'vitest';
import { limits } from '../../protocol/limits.ts';
import { leaseOf } from '../test-support/leases.ts';
import { startTestAgent } from '../test-support/start-agent.ts';

/** Nothing is sent before the end of the log, unless it is long. */
const lazy = { logFlushMs: 3_600_000 };

test('the whole log is on the server before the verdict is, with a first and a last line that say what it is', async () => {
  const { server } = await startTestAgent({
    files: { 'a.sh': 'for n in 1 2 3; do echo "line $n"; done; echo oops >&2; exit 1' },
    timing: lazy,
  });
  const release = server.hold('finishJob');
  server.grant(leaseOf(['a.sh']));
  await server.until(() => server.callsOf('finishJob').length === 1);
  const log = server.logOf('job_a_sh');
  release();
  expect(log).toMatch(/^\[qgjob\] a\.sh, attempt 1, app version v1, on simulated-emulator-1 of rack-1\n/);
  expect(log).toContain('line 1\nline 2\nline 3\n');
  expect(log).toContain('oops\n');
  expect(log).toMatch(/\n\[qgjob\] failed {2}\d+ ms\n$/);
});

test('a log can be read while its test runs', async () => {
  const { server } = await startTestAgent({
    files: { 'a.sh': 'echo begun; while :; do sleep 0.02; done' },
  });
  server.grant(leaseOf(['a.sh']));
  await server.until(() => server.logOf('job_a_sh').includes('begun'));
  expect(server.callsOf('finishJob')).toEqual([]);
});

test('each attempt has a log of its own', async () => {
  const { server } = await startTestAgent({ files: { 'a.sh': 'echo a', 'b.sh': 'echo b' } });
  server.grant(leaseOf(['a.sh', 'b.sh']));
  await server.verdict('job_b_sh');
  expect(server.logOf('job_a_sh')).not.toContain('b.sh');
  expect(server.callsOf('appendLogs')[0]?.query.toString()).toBe('attempt=1&offset=0');
});

test('secrets are masked in the log, in the error and in what the report says', async () => {
  const report =
    '<testsuite name="s"><testcase name="uses hunter22"><failure message="hunter22 is wrong"/></testcase></testsuite>';
  const { server } = await startTestAgent({
    files: { 'a.sh': `echo "password: hunter22"; printf '${report}' > "$1"; exit 1` },
    frameworks: { default: 'command', command: { test: ['sh', '{test}', '{junit}'] } },
    host: { DB_PASSWORD: 'hunter22' },
  });
  server.grant(leaseOf(['a.sh']));
  const verdict = await server.verdict('job_a_sh');
  expect(verdict.tests).toHaveLength(1);
  expect(JSON.stringify(verdict)).not.toContain('hunter22');
  expect(server.logOf('job_a_sh')).toContain('password: [redacted]\n');
});

test('of fifty megabytes the first and the last part are kept', async () => {
  const { server } = await startTestAgent({
    files: { 'a.sh': 'echo first; head -c 50000000 /dev/zero | tr "\\0" x; echo; echo last' },
  });
  server.grant(leaseOf(['a.sh']));
  expect(await server.verdict('job_a_sh')).toMatchObject({ verdict: 'passed' });
  const log = server.logOf('job_a_sh');
  expect(log.length).toBeLessThanOrEqual(limits.logBytes);
  expect(log.length).toBeGreaterThan(limits.logBytes * 0.9);
  expect(log.slice(0, 200)).toContain('\nfirst\n');
  expect(log.slice(-200)).toContain('\nlast\n[qgjob] passed');
  expect(log.match(/\n\[qgjob: \d+ bytes of this log were left out\]\n/g)).toHaveLength(1);
});

test('a server that takes no log holds up no verdict for long', async () => {
  const { server } = await startTestAgent({
    files: { 'a.sh': 'echo a' },
    timing: { ...lazy, logCloseMs: 10 },
  });
  const release = server.hold('appendLogs');
  server.grant(leaseOf(['a.sh']));
  expect(await server.verdict('job_a_sh')).toMatchObject({ verdict: 'passed' });
  release();
});

test('a log that the server refuses costs the verdict nothing', async () => {
  const { server } = await startTestAgent({
    files: { 'a.sh': 'echo a' },
    prepare: (fake) => fake.refuse('appendLogs', 'too_large', { times: 10 }),
  });
  server.grant(leaseOf(['a.sh']));
  expect(await server.verdict('job_a_sh')).toMatchObject({ verdict: 'passed' });
  expect(server.callsOf('appendLogs')).toHaveLength(1);
});

test('a part whose answer was lost is in the log once', async () => {
  const { server } = await startTestAgent({
    files: { 'a.sh': 'echo only-once' },
    timing: lazy,
    prepare: (fake) => fake.loseAnswer('appendLogs'),
  });
  server.grant(leaseOf(['a.sh']));
  await server.verdict('job_a_sh');
  expect(server.logOf('job_a_sh').match(/only-once/g)).toHaveLength(1);
});
