import { expect, test } from 'vitest';
import { hubTest } from '../../agent/test-support/stack-devices.ts';
import { expectOneUpload } from '../support/one-upload.ts';
import { startStackLab } from '../support/stack-lab.ts';

test('the jobs of one app in two runs are one upload, also with another start of the agent between', () =>
  expectOneUpload(3));

test('a test leaves its video and its logs, and its session the verdict', async () => {
  const { standIn, startAgent, qgjob, submit } = await startStackLab({ 'a.mjs': hubTest() });
  const agent = await startAgent();
  const { lines } = await qgjob(...submit, '--wait');
  const [job = ''] = lines.filter((line) => JSON.parse(line).job_id);
  const [session] = standIn.sessions.all;
  expect(JSON.parse(job)).toMatchObject({
    status: 'passed',
    provider: { name: 'browserstack', session_id: session?.id },
  });
  await standIn.until(() => session?.status === 'passed');
  // Its end waits for what is still on its way.
  await agent.stop();
  const { stdout } = await qgjob('artifacts', JSON.parse(job).job_id, '--json');
  const kept = JSON.parse(stdout).map(({ name, kind }: { name: string; kind: string }) => `${kind} ${name}`);
  expect(kept.sort()).toEqual([
    'log device/appium.log',
    'log device/device.log',
    'log device/session.log',
    'video device/video.mp4',
  ]);
});

test('a cancelled run frees its session', async () => {
  const stubborn = hubTest(
    'process.on("SIGTERM", () => process.exit(1)); await new Promise((r) => setTimeout(r, 1e6));',
  );
  const { standIn, startAgent, qgjob, submit } = await startStackLab({ 'a.mjs': stubborn });
  await startAgent();
  const { run } = JSON.parse((await qgjob(...submit)).stdout);
  await standIn.until(() => standIn.sessions.running === 1);
  expect((await qgjob('cancel', run.run_id)).code).toBe(0);
  await standIn.until(() => standIn.sessions.running === 0);
  expect((await qgjob('wait', run.run_id)).code).toBe(1);
});
