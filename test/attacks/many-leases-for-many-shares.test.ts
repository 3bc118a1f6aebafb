import { expect, test } from 'vitest';
import { addOrg, startTestServer } from '../support/server.ts';
import { World } from '../support/world.ts';

/** Calls a second of an org; ten seconds of them are saved at the start. */
const perSecond = 5;

test('an agent with many leases, one of them ended, has the share of its org once', async () => {
  const server = await startTestServer({ flags: { max_requests_per_org: String(perSecond) } });
  const acme = new World(server, await addOrg(server, 'acme'));
  const rival = new World(server, await addOrg(server, 'rival'));
  const held = await Promise.all(Array.from({ length: 6 }, () => acme.lease()));
  const [first] = held;
  if (first) await acme.of(first.lease).call('releaseLease', { params: { id: first.lease.lease_id } });
  const flood = held.flatMap(({ lease, job }) =>
    Array.from({ length: 40 }, async () => {
      const params = { id: lease.lease_id, job_id: job.job_id };
      return server.ask('appendLogs', {
        ...{ token: lease.token, params, query: { attempt: 1, offset: 0 }, body: new Uint8Array([97]) },
      });
    }),
  );
  // Together with the flood, since a call is free again after 200 ms.
  const reads = Array.from({ length: 40 }, () => server.ask('listRuns', { token: acme.tokens.read }));
  const statuses = (await Promise.all(flood)).map(({ status }) => status);
  expect(statuses.filter((status) => status !== 429).length).toBeLessThan(2 * 10 * perSecond);
  const refused = (await Promise.all(reads)).find(({ status }) => status === 429);
  expect(refused?.json.error.message).toContain('org acme makes more calls');
  await rival.running();
});
