import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { ErrorCode } from '../../protocol/errors.ts';
import type { FakeServer } from '../test-support/fake-server.ts';
import { untilFile, untilTrue } from '../test-support/host.ts';
import { leaseOf } from '../test-support/leases.ts';
import type { Call } from '../test-support/read-call.ts';
import { startTestAgent, type TestAgent, type TestAgentOptions } from '../test-support/start-agent.ts';
import { spoolFolder } from './entry.ts';

const files = { 'waits.sh': 'echo begun; touch ready; until [ -e go ]; do sleep 0.02; done; echo ended' };
/** A verdict is written to disk at once, and an ending agent waits for no server. */
const hasty = { spoolAfterMs: 0, leaveMs: 10 };

/** The files in its spool, without those that are being written. */
function spooled({ agent }: TestAgent): string[] {
  const folder = spoolFolder(agent.config);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => !name.endsWith('.tmp'));
}

/** An agent whose test has ended while the server was away. Its verdict is on disk. */
async function startCutOff(options: TestAgentOptions = {}): Promise<TestAgent> {
  const started = await startTestAgent({ files, ...options, timing: { ...hasty, ...options.timing } });
  const { server, root } = started;
  server.grant(leaseOf(['waits.sh']));
  await untilFile(join(root, 'ready'));
  await server.until(() => server.logOf('job_waits_sh').includes('begun'));
  server.goAway();
  writeFileSync(join(root, 'go'), '');
  await untilTrue(() => spooled(started).length === 1);
  return started;
}

/** The same, and that process has ended. */
async function startLeft(options: TestAgentOptions = {}): Promise<TestAgent> {
  const left = await startCutOff(options);
  await left.stop();
  expect(spooled(left)).toHaveLength(1);
  left.server.comeBack();
  return left;
}

const restart = (after: TestAgent): Promise<TestAgent> => startTestAgent({ after, timing: hasty });
const callsSince = (server: FakeServer, start: number) => server.calls.slice(start).map((call) => call.name);
const wholeLog = /begun\nended\n\[qgjob\] passed {2}[\d.]+ m?s\n$/;

test('while the server answers nothing is written', async () => {
  const started = await startTestAgent({ files: { 'a.sh': 'exit 0' }, timing: { spoolAfterMs: 60_000 } });
  started.server.grant(leaseOf(['a.sh']));
  await started.server.verdict('job_a_sh');
  expect(await started.stop()).toBe(0);
  expect(existsSync(spoolFolder(started.agent.config))).toBe(false);
});

test('a verdict waits on disk while the server is away, and is gone from there when it was taken', async () => {
  const started = await startCutOff();
  const [name] = spooled(started);
  expect(name).toMatch(/^lse_[0-9a-f-]+-job_waits_sh-1\.spool$/);
  const text = readFileSync(join(spoolFolder(started.agent.config), name ?? ''), 'utf8');
  expect(text).toMatch(/ended\n\[qgjob\] passed {2}[\d.]+ m?s\n$/);
  started.server.comeBack();
  expect(await started.server.verdict('job_waits_sh')).toMatchObject({ verdict: 'passed' });
  await untilTrue(() => spooled(started).length === 0);
  expect(started.server.logOf('job_waits_sh')).toMatch(wholeLog);
});

test('secrets are masked before anything is on disk', async () => {
  const started = await startCutOff({
    files: {
      'waits.sh': 'echo begun; touch ready; until [ -e go ]; do sleep 0.02; done; echo hunter22; exit 1',
    },
    host: { DB_PASSWORD: 'hunter22' },
  });
  const path = join(spoolFolder(started.agent.config), spooled(started)[0] ?? '');
  expect(readFileSync(path, 'latin1')).toContain('[redacted]');
  expect(readFileSync(path, 'latin1')).not.toContain('hunter22');
});

test('an agent that is stopped meanwhile ends, and says where the verdict is', async () => {
  const started = await startCutOff();
  expect(await started.stop()).toBe(0);
  const path = join(spoolFolder(started.agent.config), spooled(started)[0] ?? '');
  expect(started.lines).toContain(
    `waits.sh: its verdict stays in ${path}; the next start of this agent reports it`,
  );
});

test('the next start reports it before it registers, and the rest of its log', async () => {
  const left = await startLeft();
  const { server } = left;
  const before = server.calls.length;
  const next = await restart(left);
  await untilTrue(() => next.lines.some((line) => line.startsWith('agent rack-1 serves')));
  expect(callsSince(server, before).slice(0, 3)).toEqual(['finishJob', 'appendLogs', 'registerAgent']);
  expect(server.verdictOf('job_waits_sh')).toMatchObject({ attempt: 1, verdict: 'passed' });
  expect(server.logOf('job_waits_sh')).toMatch(wholeLog);
  expect(spooled(next)).toEqual([]);
  expect(next.lines).toContain('waits.sh: the verdict of an earlier start was taken: passed');
});

test('it waits for a server that is away, and can be stopped meanwhile', async () => {
  const left = await startLeft();
  left.server.goAway();
  const second = await restart(left);
  await untilTrue(() => second.lines.some((line) => line.includes('(trying again)')));
  expect(await second.stop()).toBe(0);
  expect(spooled(second)).toHaveLength(1);
  const third = await restart(left);
  await untilTrue(() => third.lines.some((line) => line.includes('(trying again)')));
  left.server.comeBack();
  expect(await left.server.verdict('job_waits_sh')).toMatchObject({ verdict: 'passed' });
});

test('an older process of the name that still runs and the newer one do each other no harm', async () => {
  const older = await startCutOff();
  const newer = await restart(older);
  await untilTrue(() => newer.lines.some((line) => line.includes('(trying again)')));
  older.server.comeBack();
  await untilTrue(() => newer.lines.some((line) => line.startsWith('agent rack-1 serves')));
  await untilTrue(() => older.agent.book.ids().length === 0);
  const sent = older.server.callsOf('finishJob').map((call) => call.body);
  expect(sent.length).toBeGreaterThanOrEqual(2);
  expect(new Set(sent.map((body) => JSON.stringify(body))).size).toBe(1);
  expect(older.server.logOf('job_waits_sh')).toMatch(wholeLog);
  expect(spooled(newer)).toEqual([]);
});

test.each<ErrorCode>(['lease_lost', 'conflict', 'job_cancelled', 'not_found'])(
  'a verdict that is refused with %s is dropped with a line, and its log is still sent',
  async (code) => {
    const left = await startLeft();
    left.server.refuse('finishJob', code);
    const next = await restart(left);
    await untilTrue(() => next.lines.some((line) => line.startsWith('agent rack-1 serves')));
    expect(next.lines).toContain(`waits.sh: the verdict of an earlier start was not taken: ${code}`);
    expect(left.server.logOf('job_waits_sh')).toMatch(wholeLog);
    expect(spooled(next)).toEqual([]);
  },
);

test('a report that does not get through is sent with less text by the next start too', async () => {
  const left = await startLeft({
    files: { 'waits.sh': `${files['waits.sh']}; echo '<script>'; exit 1` },
  });
  const hasScript = ({ body }: Call): boolean => JSON.stringify(body).includes('<script');
  left.server.standBetween('finishJob', 403, { when: hasScript, times: 1000 });
  const next = await restart(left);
  const sent = await left.server.verdict('job_waits_sh');
  expect(sent).toMatchObject({ attempt: 1, verdict: 'failed' });
  await untilTrue(() => spooled(next).length === 0);
  expect(next.lines).toContain('waits.sh: its verdict was taken, but not all of its texts');
  expect(left.server.callsOf('finishJob')).toHaveLength(1);
});

test('a verdict on which the server fails again and again stays, and does not keep the devices from work', async () => {
  const left = await startLeft();
  left.server.refuse('finishJob', 'internal', { times: 5 });
  const next = await restart(left);
  await untilTrue(() => next.lines.some((line) => line.startsWith('agent rack-1 serves')));
  expect(left.server.callsOf('finishJob')).toHaveLength(5);
  expect(spooled(next)).toHaveLength(1);
});

test('a verdict stays for another start where the server knows neither its lease nor this agent', async () => {
  const left = await startLeft();
  left.server.refuse('finishJob', 'unauthorized');
  left.server.refuse('registerAgent', 'unauthorized');
  const next = await restart(left);
  expect(await next.done).toBe(3);
  expect(spooled(next)).toHaveLength(1);
});

test('a verdict whose lease ended too long ago is dropped, and the agent goes on', async () => {
  const left = await startLeft();
  left.server.refuse('finishJob', 'unauthorized', { details: { lease_id: 'lse_1' } });
  const next = await restart(left);
  await untilTrue(() => next.lines.some((line) => line.startsWith('agent rack-1 serves')));
  expect(next.lines).toContain(
    'waits.sh: the verdict of an earlier start was not taken: the server refuses the token of this lease: unauthorized',
  );
  expect(spooled(next)).toEqual([]);
});

test('a verdict whose lease this server does not know stays, and does not keep the devices from work', async () => {
  const left = await startLeft();
  left.server.refuse('finishJob', 'unauthorized', { times: 20 });
  const next = await restart(left);
  await untilTrue(() => next.lines.some((line) => line.startsWith('agent rack-1 serves')));
  expect(left.server.callsOf('finishJob')).toHaveLength(1);
  expect(spooled(next)).toHaveLength(1);
});

test('what the server took no more of a log at the end is sent by the next start', async () => {
  const started = await startTestAgent({ files, timing: { ...hasty, logFlushMs: 3_600_000 } });
  const { server, root } = started;
  server.grant(leaseOf(['waits.sh']));
  await untilFile(join(root, 'ready'));
  const release = server.hold('appendLogs');
  const stopped = started.stop();
  writeFileSync(join(root, 'go'), '');
  await stopped;
  expect(server.verdictOf('job_waits_sh')).toMatchObject({ verdict: 'passed' });
  expect(server.logOf('job_waits_sh')).toBe('');
  expect(spooled(started)).toHaveLength(1);
  release();
  const next = await restart(started);
  await server.until(() => wholeLog.test(server.logOf('job_waits_sh')));
  await untilTrue(() => spooled(next).length === 0);
});

test('a test that is killed while the server is away is reported as interrupted by the next start', async () => {
  const started = await startTestAgent({ files, timing: hasty });
  const { server, root, agent } = started;
  server.grant(leaseOf(['waits.sh']));
  await untilFile(join(root, 'ready'));
  server.goAway();
  agent.stop.requestKill(130);
  expect(await started.done).toBe(130);
  server.comeBack();
  await restart(started);
  expect(await server.verdict('job_waits_sh')).toMatchObject({ error_class: 'interrupted' });
});

test('where the disk does not take it, it waits in memory, and a drain waits with it', async () => {
  const started = await startTestAgent({
    files: { 'a.sh': 'exit 0' },
    timing: { leaveMs: 10 },
    prepare: (_server, root) => {
      const folder = join(root, '.qgjob/agent/rack-1/spool');
      mkdirSync(dirname(folder), { recursive: true });
      writeFileSync(folder, 'in the way');
    },
  });
  const { server, lines } = started;
  const release = server.hold('finishJob');
  server.grant(leaseOf(['a.sh']));
  await server.until(() => server.callsOf('finishJob').length === 1);
  const stopped = started.stop();
  await server.until(() => server.callsOf('finishJob').length === 2);
  expect(lines).toContainEqual(expect.stringMatching(/^a\.sh: its verdict waits in memory alone: /));
  release();
  expect(await stopped).toBe(0);
});

test('a damaged file keeps no agent from its work', async () => {
  const left = await startLeft();
  const [name = ''] = spooled(left);
  writeFileSync(join(spoolFolder(left.agent.config), name), '{"version":1');
  const next = await restart(left);
  await untilTrue(() => next.lines.some((line) => line.startsWith('agent rack-1 serves')));
  expect(spooled(next)).toEqual([`${name}.damaged`]);
});
