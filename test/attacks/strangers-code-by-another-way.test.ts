import { beforeEach, expect, test } from 'vitest';
import { trustedEvents, writersEvents } from '../../protocol/github.ts';
import { huntQuarantined } from '../../server/queue/hunts/index.ts';
import { patchOrg } from '../../server/queue/orgs/orgs.ts';
import { cancelRun } from '../../server/queue/runs/cancel-runs.ts';
import { commit, day, fail, openQuarantineLab, told } from '../support/quarantine-lab.ts';
import { anyOrg } from '../support/queue.ts';
import { addOrg, startTestServer, type TestServer } from '../support/server.ts';
import { expectRefusal } from '../support/world.ts';

/** Tries to run code that nobody has approved on devices that are not for it. */
let server: TestServer;
let token: string;

beforeEach(async () => {
  server = await startTestServer();
  token = (await addOrg(server, 'acme')).submit;
});

const github = (event_name: string) => ({
  ...{ repository: 'acme/app', repository_id: '4711', event_name, sha: 'a'.repeat(40), run_id: '1' },
  ...{ ref: 'refs/heads/main', workflow: 'ci', job: 'test', check_name: '', run_attempt: 1 },
});

const bodyOf = (event: string) => ({
  ...{ app_version_id: 'v1', tests: ['a.spec.ts'], target: 'emulator', allow_no_device: true },
  ...{ github: github(event), supersede: false },
});

const submit = (event: string) => server.ask('submitRun', { token, body: bodyOf(event) });

const untrusted = (targets: string[]) =>
  server.client.call('patchOrg', { params: { id: 'acme' }, body: { untrusted_targets: targets } });

test.each([
  ...['pull_request_target', 'workflow_run', 'issue_comment', 'pull_request_review', 'watch'],
  ...['check_run', 'check_suite', 'status', 'deployment', 'deployment_status'],
  ...['dynamic', 'an_event_of_tomorrow', 'PUSH', ''],
])('an event that is not known to need write access, %s, does not run', async (event) => {
  const refused = await submit(event);
  expect([400, 403]).toContain(refused.status);
  if (event !== '') expectRefusal(refused, 403, 'forbidden');
});

test('those that need write access run', async () => {
  for (const event of writersEvents) expect((await submit(event)).status, event).toBe(201);
  expect(writersEvents).toEqual(expect.arrayContaining([...trustedEvents]));
});

test('a retry runs where the admin lets it run now, as a submit does, whoever asks for it', async () => {
  await untrusted(['emulator']);
  const { run, jobs } = (await submit('pull_request_target')).json;
  await server.as(token).call('cancelRun', { params: { id: run.run_id } });
  const retries = () => [
    server.ask('retryRun', { token, params: { id: run.run_id }, body: {} }),
    server.ask('retryJob', { token, params: { id: jobs[0].job_id }, body: {} }),
    server.ask('retryRun', { params: { id: run.run_id }, body: {} }),
  ];
  await untrusted(['emulator/forks-*']);
  for (const refused of await Promise.all(retries())) {
    expectRefusal(refused, 403, 'forbidden');
    expect(refused.json.error.message).toContain('lets it run on emulator/forks-*, not on emulator');
  }
  await untrusted(['emulator']);
  for (const { status } of await Promise.all(retries())) expect(status).toBe(201);
});

test('a hunt that the server begins by itself takes its code from a run that may run anywhere', async () => {
  const lab = await openQuarantineLab();
  const fails = told({ pays: 'failed', ships: 'passed' });
  const approved = await lab.play({ ...commit('a'), github: github('push') }, fails);
  await lab.quarantine('pays');
  await patchOrg(lab.deps, 'acme', { untrusted_targets: ['emulator'] }, anyOrg);
  await lab.play({ ...commit('b'), github: github('pull_request_target') }, fails);
  await patchOrg(lab.deps, 'acme', { untrusted_targets: [] }, anyOrg);
  // So that the ledger knows of that run.
  await lab.idOf('pays');
  while (await huntQuarantined(lab.deps, day, fail));
  const [hunt] = await lab.hunts();
  expect(hunt).toMatchObject({ metadata: { source_run: approved } });
  await cancelRun(lab.deps, hunt?.run_id ?? '', anyOrg);
});
