import { expect, test } from 'vitest';
import { dumpDatabase } from '../../test/support/server.ts';
import { useSignInLab } from '../../test/support/sign-in-lab.ts';
import { expectRefusal } from '../../test/support/world.ts';

const lab = useSignInLab();

test('a workflow that has signed in by GitHub borrows and holds nothing', async () => {
  const token = await lab.tokenFor();
  const target = 'emulator';
  const body = { minutes: 5, target };
  expectRefusal(await lab.server.ask('createBorrow', { token, body }), 403, 'forbidden');
  const submit = { app_version_id: 'v1', tests: ['a.spec.ts'], hold_minutes: 5, allow_no_device: true };
  expectRefusal(await lab.server.ask('submitRun', { token, body: submit }), 403, 'forbidden');
});

test('a retry by a workflow holds nothing, also of a run that asked for it; that of a person does', async () => {
  const github = {
    ...{ repository: 'acme/app', repository_id: '4711', sha: 'b'.repeat(40), ref: 'refs/heads/main' },
    ...{ event_name: 'push', workflow: 'app tests', job: 'e2e', check_name: 'qgjob', run_id: '900' },
    run_attempt: 1,
  };
  const person = lab.server.as(lab.tokens.submit);
  const held = { app_version_id: 'v1', tests: ['a.spec.ts'], hold_minutes: 5, allow_no_device: true, github };
  const submitted = await person.call('submitRun', { body: held });
  const params = { id: submitted.run.run_id };
  const ofJob = { id: submitted.jobs[0]?.job_id ?? '' };
  await person.call('cancelRun', { params });
  const workflow = lab.server.as(await lab.tokenFor());
  const retries = [
    await workflow.call('retryRun', { params, body: {} }),
    await workflow.call('retryJob', { params: ofJob, body: {} }),
    await person.call('retryRun', { params, body: {} }),
  ];
  const runs = dumpDatabase(lab.server.dataDir).runs as { id: string; settings: string }[];
  const minutes = retries.map(
    ({ run }) => JSON.parse(runs.find(({ id }) => id === run.run_id)?.settings ?? '{}').hold_minutes,
  );
  expect(minutes).toEqual([undefined, undefined, 5]);
});
