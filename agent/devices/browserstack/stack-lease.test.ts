import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { RegisterAgent } from '../../../protocol/shapes/registration.ts';
import { leaseOf } from '../../test-support/leases.ts';
import { hubTest, openStack, pixel } from '../../test-support/stack-devices.ts';
import { account, linkToken, StandInBrowserStack } from '../../test-support/stand-in-browserstack.ts';
import { startTestAgent } from '../../test-support/start-agent.ts';

const app = Buffer.from('an app');
const sha256 = createHash('sha256').update(app).digest('hex');
const ofApp = { install: true, app: { platform: 'android', sha256, size: app.length } };

const everyFile: unknown = { default: 'command', command: { test: ['node', '{test}'] } };

/** An agent with a slot at a stand-in, whose tests are files for Node. */
async function startLab(files: Readonly<Record<string, string>>, frameworks = everyFile) {
  const standIn = await StandInBrowserStack.start();
  const lab = await startTestAgent({
    files,
    frameworks,
    settings: { devices: [pixel] },
    host: standIn.env,
    devices: openStack(standIn),
    timing: { examineMs: 50 },
  });
  lab.server.app = app;
  return { standIn, ...lab };
}

test('a test runs with its app; its session is judged, and leaves its video and its logs', async () => {
  const { standIn, server, lines } = await startLab({ 'a.mjs': hubTest() });
  server.grant(leaseOf(['a.mjs'], ofApp));
  const verdict = await server.verdict('job_a_mjs');
  const [session] = standIn.sessions.all;
  expect(verdict).toMatchObject({
    verdict: 'passed',
    provider: {
      name: 'browserstack',
      session_id: session?.id,
      url: `${standIn.url}/dashboard/sessions/${session?.id}`,
    },
  });
  expect(session?.name).toBe('a.mjs (job_a_mjs#1)');
  expect(session?.capabilities['appium:app']).toBe([...standIn.apps.keys()][0]);
  expect(server.callsOf('reportInstalled').map(({ body }) => body)).toMatchObject([
    { ok: true, installs: 1 },
  ]);

  await server.until(() => Object.keys(server.artifacts.of('job_a_mjs')).length === 4);
  expect(server.artifacts.of('job_a_mjs')).toEqual({
    'device/video.mp4': 'the video of a.mjs (job_a_mjs#1)',
    'device/device.log': `the log of /files/${session?.id}/device\n`,
    'device/appium.log': `the log of /files/${session?.id}/appium\n`,
    'device/session.log': `the log of /files/${session?.id}/text\n`,
  });
  expect(session).toMatchObject({ status: 'passed', reason: 'passed' });
  const told = [
    ...lines,
    server.logOf('job_a_mjs'),
    JSON.stringify(server.calls.map(({ body }) => body)),
  ].join('\n');
  expect(told).not.toContain(linkToken);
});

test('a test that fails fails its session', async () => {
  const { standIn, server } = await startLab({ 'a.mjs': hubTest('throw new Error("not as it should be");') });
  server.grant(leaseOf(['a.mjs']));
  expect(await server.verdict('job_a_mjs')).toMatchObject({ verdict: 'failed' });
  await standIn.until(() => standIn.sessions.all[0]?.status === 'failed');
  expect(standIn.sessions.all[0]?.reason).toContain('1');
});

test('what is secret in an error does not go to BrowserStack', async () => {
  const { standIn, server } = await startLab({
    'a.mjs': hubTest('throw new Error("the key is " + env.BROWSERSTACK_ACCESS_KEY);'),
  });
  server.grant(leaseOf(['a.mjs']));
  await server.verdict('job_a_mjs');
  await standIn.until(() => standIn.sessions.all[0]?.status === 'failed');
  expect(standIn.sessions.all[0]?.reason).not.toContain(account.accessKey);
});

test('a session of several tests that nobody has ended is ended with the lease', async () => {
  const command = { test: ['node', '{test}'], batch: ['node', 'all.mjs', '{tests}'] };
  const files = { 'all.mjs': hubTest('process.exit(0);'), 'a.mjs': '', 'b.mjs': '' };
  const { standIn, server } = await startLab(files, { default: 'command', command });
  server.grant(leaseOf(['a.mjs', 'b.mjs']));
  await server.verdict('job_b_mjs');
  await standIn.until(() => standIn.sessions.all.length === 1 && standIn.sessions.running === 0);
  expect(standIn.sessions.all[0]?.name).toMatch(/^qgjob \(lse_\S+\)$/);
});

test('a test that prints the account prints nothing of it', async () => {
  const print = 'console.log("I am", env.BROWSERSTACK_USERNAME, env.BROWSERSTACK_ACCESS_KEY, authorization);';
  const { server } = await startLab({ 'a.mjs': hubTest(print) });
  server.grant(leaseOf(['a.mjs']));
  await server.verdict('job_a_mjs');
  const log = server.logOf('job_a_mjs');
  expect(log).toContain('I am [redacted] [redacted] Basic [redacted]');
  expect(log).not.toContain(account.accessKey);
});

test('a full queue of BrowserStack costs no verdict: the attempt has the class capacity', async () => {
  const { standIn, server } = await startLab({ 'a.mjs': hubTest(), 'b.mjs': hubTest() });
  await standIn.until(() => standIn.log.length > 0);
  standIn.plan.foreign = 5;
  server.grant(leaseOf(['a.mjs']));
  expect(await server.verdict('job_a_mjs')).toMatchObject({
    verdict: 'error',
    error_class: 'capacity',
    error: expect.stringMatching(/^browserstack-1: BrowserStack's own queue was full; /),
  });
});

test('while BrowserStack is full a slot is benched with the reason, and asks for no lease', async () => {
  const standIn = await StandInBrowserStack.start();
  Object.assign(standIn.plan, { foreign: 5, queued: 2 });
  const { server } = await startTestAgent({
    files: {},
    settings: { devices: [pixel] },
    host: standIn.env,
    devices: openStack(standIn),
  });
  const faults = () =>
    server
      .callsOf('registerAgent')
      .map(({ body }) => (body as RegisterAgent).devices.map(({ fault }) => fault));
  await server.until(() => faults().length > 0);
  expect(faults()).toEqual([['BrowserStack is full: 5 of 5 parallel sessions run, 2 wait in its queue']]);
  expect(server.callsOf('takeLease')).toEqual([]);
});

test('a cancelled test whose process is killed leaves no session running', async () => {
  // It does not end its session itself.
  const { standIn, server } = await startLab({
    'a.mjs': hubTest(
      'process.on("SIGTERM", () => process.exit(1)); await new Promise((r) => setTimeout(r, 1e6));',
    ),
  });
  server.grant(leaseOf(['a.mjs']));
  await standIn.until(() => standIn.sessions.running === 1);
  server.giveNews({ cancel: 'job_a_mjs' });
  expect(await server.verdict('job_a_mjs')).toMatchObject({ verdict: 'cancelled' });
  await standIn.until(() => standIn.sessions.running === 0);
  const [session] = standIn.sessions.all;
  expect(standIn.callsOf(`DELETE /wd/hub/session/${session?.id}`)).toBe(1);
  // It says nothing of the app.
  expect(session?.status).toBe('done');
});

test('a test that opens no session by its names is told how', async () => {
  const { server } = await startLab({ 'a.mjs': 'console.log("done")' });
  server.grant(leaseOf(['a.mjs']));
  expect(await server.verdict('job_a_mjs')).toMatchObject({ verdict: 'passed' });
  await server.until(() => server.logOf('job_a_mjs').includes('no session of it was found at BrowserStack'));
});
