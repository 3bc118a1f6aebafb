import { expect, test } from 'vitest';
import { makeCache, openStack } from '../../test-support/stack-devices.ts';
import { StandInBrowserStack } from '../../test-support/stand-in-browserstack.ts';
import type { Recording } from '../recording.ts';

/** A slot with a lease, one session of which several files use. */
async function startLease() {
  const standIn = await StandInBrowserStack.start();
  const [slot] = openStack(standIn);
  const open = () => standIn.sessions.open('qgjob acme v1 browserstack', 'qgjob (lse_00000001)', {});
  const record = async (name: string): Promise<Recording> => {
    const recording = await slot?.record?.({
      folder: makeCache(),
      orgId: 'acme',
      appVersionId: 'v1',
      target: 'browserstack',
      leaseId: 'lse_00000001',
      runId: 'run_1',
      jobId: `job_${name}`,
      testPath: `${name}.spec.js`,
      attempt: 1,
    });
    if (!recording) throw new Error('it records nothing');
    return recording;
  };
  return { standIn, record, open };
}

const sessionList = ({ sessions }: StandInBrowserStack): string =>
  `GET /app-automate/builds/${[...sessions.builds.values()][0]}/sessions.json`;

const passed = { verdict: 'passed' } as const;
const failed = { verdict: 'failed', error: 'not as it should be\nat line 1' } as const;

test('a session of several files fails where a later one of them fails, also after it was said to have passed', async () => {
  const { standIn, record, open } = await startLease();
  const session = open();
  const [first, second] = [await record('a'), await record('b')];
  const end = first.end(passed);
  await first.provider?.();
  session.status = 'done';
  await end;
  expect(session.status).toBe('passed');
  await second.end(failed);
  expect(session).toMatchObject({ status: 'failed', reason: 'not as it should be' });
  expect(standIn.callsOf(`PUT /app-automate/sessions/${session.id}.json`)).toBe(2);
});

test('it is told once, where they have all ended before their session, and a pass changes no failure', async () => {
  const { standIn, record, open } = await startLease();
  const session = open();
  const [first, second, third] = [await record('a'), await record('b'), await record('c')];
  const end = first.end(passed);
  await first.provider?.();
  await second.end(failed);
  await third.end(passed);
  session.status = 'done';
  await end;
  expect(session).toMatchObject({ status: 'failed', reason: 'not as it should be' });
  expect(standIn.callsOf(`PUT /app-automate/sessions/${session.id}.json`)).toBe(1);
});

test('each file has the session as its own, and looks for it once after its end', async () => {
  const { standIn, record, open } = await startLease();
  const session = open();
  const [first, second] = [await record('a'), await record('b')];
  await standIn.until(() => standIn.callsOf(`GET /app-automate/builds.json`) === 1);
  const end = first.end(passed);
  const told = await first.provider?.();
  expect(told).toMatchObject({ session_id: session.id });
  standIn.log.length = 0;
  await second.end(passed);
  expect(await second.provider?.()).toEqual(told);
  expect(standIn.callsOf('GET /app-automate/builds.json')).toBe(1);
  session.status = 'done';
  await end;
});

test('a session that had ended before a file began is not its own', async () => {
  const { record, open } = await startLease();
  const session = open();
  session.status = 'done';
  await (await record('a')).end(passed);
  const second = await record('b');
  await second.end(failed);
  expect(await second.provider?.()).toBeUndefined();
  expect(session.status).toBe('passed');
});

test('where the session of a file is listed late, the one before it that has ended is not taken for it', async () => {
  const { record, open } = await startLease();
  const earlier = open();
  const first = await record('a');
  earlier.status = 'done';
  const second = await record('b');
  await first.end(passed);
  const own = open();
  own.isListed = false;
  const end = second.end(failed);
  expect(await second.provider?.()).toBeUndefined();
  own.isListed = true;
  own.status = 'done';
  await end;
  expect([earlier.status, own.status]).toEqual(['passed', 'failed']);
});

test('a session that ran when a file began is its own, also where it ends with the file', async () => {
  const { standIn, record, open } = await startLease();
  const session = open();
  const [first, second] = [await record('a'), await record('b')];
  await standIn.until(() => standIn.callsOf(sessionList(standIn)) === 1);
  session.status = 'done';
  await first.end(passed);
  await second.end(failed);
  expect(await second.provider?.()).toMatchObject({ session_id: session.id });
  expect(session.status).toBe('failed');
});

test('of a session that may have run when a file began it is taken after all looks that it did', async () => {
  const { standIn, record, open } = await startLease();
  const session = open();
  session.isListed = false;
  const [first, second] = [await record('a'), await record('b')];
  await standIn.until(() => standIn.callsOf(sessionList(standIn)) === 1);
  session.isListed = true;
  session.status = 'done';
  await first.end(passed);
  await second.end(failed);
  expect(session.status).toBe('failed');
});

test('what the suite has said of its session itself stays', async () => {
  const { record, open } = await startLease();
  const session = open();
  session.status = 'passed';
  const [first, second] = [await record('a'), await record('b')];
  await first.end(passed);
  await second.end(failed);
  expect(session.status).toBe('passed');
});
