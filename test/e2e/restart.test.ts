import { expect, test } from 'vitest';
import { createClient, waitForRun } from '../../client/index.ts';
import { openRelay } from '../support/relay.ts';
import { addOrg, startTestServer } from '../support/server.ts';
import { World } from '../support/world.ts';

test('a wait and a lease survive a restart of the server', async () => {
  const first = await startTestServer();
  const relay = await openRelay(first.url);
  const before = new World(first, await addOrg(first, 'acme'));
  const { lease, job } = await before.running();
  const seen = Promise.withResolvers<void>();
  const away = Promise.withResolvers<void>();
  const client = createClient({ url: relay.url, token: before.tokens.read });
  const waiting = waitForRun(client, job.run_id, {
    onChange: () => seen.resolve(),
    onRetry: () => away.resolve(),
  });
  await seen.promise;
  await first.close();
  await away.promise;

  const second = await startTestServer({ dataDir: first.dataDir });
  relay.connectTo(second.url);
  const tests = [{ name: 'opens', status: 'passed' as const, duration_ms: 5 }];
  await second.as(lease.token).call('finishJob', {
    params: { id: lease.lease_id, job_id: job.job_id },
    body: { attempt: 1, verdict: 'passed', duration_ms: 5, tests },
  });
  const { run, jobs } = await waiting;
  expect(run).toMatchObject({ status: 'passed', conclusion: 'success' });
  expect(jobs.get(job.job_id)).toMatchObject({ status: 'passed', attempt: 1, tests });
});
