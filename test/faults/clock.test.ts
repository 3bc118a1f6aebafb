import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, type TestContext, test } from 'vitest';
import type { Job } from '../../protocol/shapes/job.ts';
import { clearFakeClock, FakeClock, faketime, hasFakeClock } from './fake-clock.ts';
import { shortLease } from './lab.ts';
import { endProgram, type Program, until } from './program.ts';
import { openWaitingTests, type WaitingTests } from './waiting-tests.ts';

const hourMs = 3_600_000;
const notLost = { status: 'running', attempt: 1, crashes: 0, releases: 0 };

interface ClockSetup extends WaitingTests {
  readonly serverClock: FakeClock;
  readonly agentClock: FakeClock;
  startAgent(): Program;
}

/** Server and agent as processes, each with its own wall clock. */
async function openClocks(names: readonly string[], { onTestFinished }: TestContext): Promise<ClockSetup> {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-clocks-'));
  const [serverClock, agentClock] = [new FakeClock(folder, 'server'), new FakeClock(folder, 'agent')];
  const tests = await openWaitingTests(names, { server: serverClock.env, agent: agentClock.env });
  const { lab } = tests;
  onTestFinished(async () => {
    await lab.close();
    for (const { pid } of lab.programs) clearFakeClock(pid);
    rmSync(folder, { recursive: true });
  });
  return { ...tests, serverClock, agentClock, startAgent: () => lab.startAgent('rack') };
}

/** How many hours the server's wall clock is ahead of the real one, by the time in its log. */
async function readServerClock({ lab }: ClockSetup): Promise<number> {
  const linesOf = () =>
    lab.server
      .readLog()
      .split('\n')
      .filter((line) => /^{.*}$/.test(line));
  const before = linesOf().length;
  await lab.client.call('getJob', { params: { id: 'job_unknown' } }).catch(() => undefined);
  const line = await until('a line in the log', () => linesOf().slice(before).at(-1));
  return Math.round((JSON.parse(line).time - Date.now()) / hourMs);
}

/** Sets the server's clock, while it runs or during a restart, and checks it by the log. */
async function setServerClock(setup: ClockSetup, hours: number, { restart = false } = {}): Promise<void> {
  if (restart) await endProgram(setup.lab.server);
  setup.serverClock.set(hours);
  if (restart) await setup.lab.startServer();
  expect((await readServerClock(setup)) - hours).toBeCloseTo(0);
}

/** A killed agent loses its lease, whatever the clocks show. */
async function expectRescue(setup: ClockSetup, job: Job, agent: Program): Promise<void> {
  await endProgram(agent);
  const isRescued = async () => (await setup.read(job)).status !== 'running' || undefined;
  await until('the rescue', isRescued, 20 * shortLease.ttlMs);
  expect(await setup.read(job)).toMatchObject({ attempt: 1, crashes: 1 });
}

/** No end is before its start, and no duration contains the hours, except that of a lost attempt. */
async function expectTimes({ lab }: ClockSetup, job: Job): Promise<void> {
  const { attempts } = await lab.client.call('listAttempts', { params: { id: job.job_id } });
  expect(attempts).toHaveLength(job.attempt);
  for (const { started_at, finished_at, duration_ms } of [...attempts, job]) {
    const instants = [job.submitted_at, started_at, finished_at].map((instant) => Date.parse(instant ?? ''));
    expect(instants).toEqual(instants.toSorted((a, b) => a - b));
    expect(duration_ms).toBeGreaterThanOrEqual(0);
  }
  for (const one of attempts) {
    if (one.error_class !== 'lost') expect(one.duration_ms).toBeLessThan(hourMs);
  }
}

if (faketime === undefined)
  process.stderr.write('faketime is not installed: the tests of wall clocks are skipped\n');

// These tests need real time: leases end by it, and there is no signal for a lease that did not end.
describe('a wall clock that is set by hours', {
  concurrent: true,
  skip: faketime === undefined,
  timeout: 300_000,
}, () => {
  test('of server and agent while a test runs ends no lease early, and lets none live for ever', async (context) => {
    const setup = await openClocks(['kept', 'lost'], context);
    const agent = setup.startAgent();
    const kept = await setup.start('kept');
    expect([setup.lab.server.pid, agent.pid].map(hasFakeClock)).toEqual([true, true]);
    for (const [server = 0, ofAgent = 0] of [
      [5, -7],
      [-8, 9],
      [0, 0],
    ]) {
      setup.agentClock.set(ofAgent);
      await setServerClock(setup, server);
      await sleep(1.5 * shortLease.ttlMs);
      expect(await setup.read(kept)).toMatchObject(notLost);
    }
    setup.release('kept');
    await expectTimes(setup, await setup.waitForEnd(kept));

    const lost = await setup.start('lost');
    await setServerClock(setup, -6);
    await expectRescue(setup, lost, agent);
    // The backoff follows the real time too.
    await setServerClock(setup, 6);
    setup.release('lost');
    setup.startAgent();
    const end = await setup.waitForEnd(lost);
    expect(end).toMatchObject({ status: 'passed', attempt: 2, crashes: 1 });
    await expectTimes(setup, end);
  });

  test('while the server is down ends no lease early, and lets none live for ever', async (context) => {
    const setup = await openClocks(['kept', 'lost'], context);
    const agent = setup.startAgent();
    const kept = await setup.start('kept', 24 * hourMs);
    for (const hours of [6, -6]) {
      await setServerClock(setup, hours, { restart: true });
      await sleep(2 * shortLease.ttlMs);
      expect(await setup.read(kept)).toMatchObject(notLost);
    }
    setup.release('kept');
    await expectTimes(setup, await setup.waitForEnd(kept));

    const lost = await setup.start('lost', 24 * hourMs);
    await setServerClock(setup, 3, { restart: true });
    await expectRescue(setup, lost, agent);
    setup.release('lost');
    setup.startAgent();
    await expectTimes(setup, await setup.waitForEnd(lost));
  });

  test('while the server is down makes no test run past its time', async (context) => {
    const setup = await openClocks(['kept'], context);
    setup.startAgent();
    const kept = await setup.start('kept');
    await setServerClock(setup, 6, { restart: true });
    await sleep(2 * shortLease.ttlMs);
    expect(await setup.read(kept)).toMatchObject(notLost);
  });
});
