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
  const held = await openWaitingTests(names, { server: serverClock.env, agent: agentClock.env });
  const { lab } = held;
  onTestFinished(async () => {
    await lab.close();
    for (const { pid } of lab.programs) clearFakeClock(pid);
    rmSync(folder, { recursive: true });
  });
  return { ...held, serverClock, agentClock, startAgent: () => lab.startAgent('rack') };
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
async function setServerClock(scene: ClockSetup, hours: number, { restart = false } = {}): Promise<void> {
  if (restart) await endProgram(scene.lab.server);
  scene.serverClock.set(hours);
  if (restart) await scene.lab.startServer();
  expect((await readServerClock(scene)) - hours).toBeCloseTo(0);
}

/** A killed agent loses its lease, whatever the clocks show. */
async function expectRescue(scene: ClockSetup, job: Job, agent: Program): Promise<void> {
  await endProgram(agent);
  const isRescued = async () => (await scene.read(job)).status !== 'running' || undefined;
  await until('the rescue', isRescued, 20 * shortLease.ttlMs);
  expect(await scene.read(job)).toMatchObject({ attempt: 1, crashes: 1 });
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
    const scene = await openClocks(['kept', 'lost'], context);
    const agent = scene.startAgent();
    const kept = await scene.start('kept');
    expect([scene.lab.server.pid, agent.pid].map(hasFakeClock)).toEqual([true, true]);
    for (const [server = 0, ofAgent = 0] of [
      [5, -7],
      [-8, 9],
      [0, 0],
    ]) {
      scene.agentClock.set(ofAgent);
      await setServerClock(scene, server);
      await sleep(1.5 * shortLease.ttlMs);
      expect(await scene.read(kept)).toMatchObject(notLost);
    }
    scene.release('kept');
    await expectTimes(scene, await scene.waitForEnd(kept));

    const lost = await scene.start('lost');
    await setServerClock(scene, -6);
    await expectRescue(scene, lost, agent);
    // The backoff follows the real time too.
    await setServerClock(scene, 6);
    scene.release('lost');
    scene.startAgent();
    const end = await scene.waitForEnd(lost);
    expect(end).toMatchObject({ status: 'passed', attempt: 2, crashes: 1 });
    await expectTimes(scene, end);
  });

  test('while the server is down ends no lease early, and lets none live for ever', async (context) => {
    const scene = await openClocks(['kept', 'lost'], context);
    const agent = scene.startAgent();
    const kept = await scene.start('kept', 24 * hourMs);
    for (const hours of [6, -6]) {
      await setServerClock(scene, hours, { restart: true });
      await sleep(2 * shortLease.ttlMs);
      expect(await scene.read(kept)).toMatchObject(notLost);
    }
    scene.release('kept');
    await expectTimes(scene, await scene.waitForEnd(kept));

    const lost = await scene.start('lost', 24 * hourMs);
    await setServerClock(scene, 3, { restart: true });
    await expectRescue(scene, lost, agent);
    scene.release('lost');
    scene.startAgent();
    await expectTimes(scene, await scene.waitForEnd(lost));
  });

  test('while the server is down makes no test run past its time', async (context) => {
    const scene = await openClocks(['kept'], context);
    scene.startAgent();
    const kept = await scene.start('kept');
    await setServerClock(scene, 6, { restart: true });
    await sleep(2 * shortLease.ttlMs);
    expect(await scene.read(kept)).toMatchObject(notLost);
  });
});
