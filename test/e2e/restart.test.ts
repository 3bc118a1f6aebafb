import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createClient, waitForRun } from '../../client/index.ts';
import { addOrg, startTestServer } from '../support/server.ts';
import { World } from '../support/world.ts';

/** An address that stays the same while the server behind it is replaced. */
async function openRelay(url: string) {
  let port = Number(new URL(url).port);
  const sockets = new Set<Socket>();
  const relay = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) sockets.add(socket);
    near.pipe(far).pipe(near);
    const end = (): void => void [near, far].map((socket) => socket.destroy());
    for (const socket of [near, far]) socket.on('error', end).on('close', end);
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    relay.close();
  });
  return {
    url: `http://127.0.0.1:${(relay.address() as AddressInfo).port}`,
    leadTo(next: string): void {
      port = Number(new URL(next).port);
    },
  };
}

test('a wait and a lease live on through a restart of the server', async () => {
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
  relay.leadTo(second.url);
  const tests = [{ name: 'opens', status: 'passed' as const, duration_ms: 5 }];
  await second.as(before.tokens.agent).call('finishJob', {
    params: { id: lease.lease_id, job_id: job.job_id },
    body: { attempt: 1, verdict: 'passed', duration_ms: 5, tests },
  });
  const { run, jobs } = await waiting;
  expect(run).toMatchObject({ status: 'passed', conclusion: 'success' });
  expect(jobs.get(job.job_id)).toMatchObject({ status: 'passed', attempt: 1, tests });
});
