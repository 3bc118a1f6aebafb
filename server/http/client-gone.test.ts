import { expect, test } from 'vitest';
import { addOrg, dumpDatabase, startTestServer } from '../../test/support/server.ts';
import { World } from '../../test/support/world.ts';

/** A server whose clock the test moves, and a run that is watched. */
async function openLab() {
  let now = Date.UTC(2026, 0, 1);
  const server = await startTestServer({ now: () => now });
  const acme = new World(server, await addOrg(server, 'acme'));
  const { run } = await acme.submit({ on_client_gone: 'cancel' });
  return {
    ...{ server, acme, id: run.run_id },
    get: (token: string, query: object) =>
      server.as(token).call('getRun', { params: { id: run.run_id }, query }),
    /** When its client was there last, seconds after the submit; undefined: nobody watches. */
    seen() {
      const [row] = dumpDatabase(server.dataDir).run_watches as { seen_at: number }[];
      return row && (row.seen_at - Date.UTC(2026, 0, 1)) / 1000;
    },
    advance: (seconds: number) => {
      now += seconds * 1000;
    },
  };
}

test('the client of a run is there while the token that submitted asks for its changes', async () => {
  const { acme, get, seen, advance } = await openLab();
  expect(seen()).toBe(0);
  advance(20);
  await get(acme.tokens.read, { after_rev: 0 });
  await get(acme.tokens.submit, {});
  expect(seen()).toBe(0);
  await get(acme.tokens.submit, { after_rev: 0 });
  expect(seen()).toBe(20);
  advance(20);
  await get(acme.tokens.submit, { on_client_gone: 'keep' });
  expect(seen()).toBeUndefined();
});

test('a run that is to go on, and a retry of one that was watched, are not watched', async () => {
  const { server, acme, id, get } = await openLab();
  await get(acme.tokens.submit, { on_client_gone: 'keep' });
  await acme.submit({ on_client_gone: 'keep' });
  await acme.submit();
  await server.client.call('cancelRun', { params: { id } });
  await server.as(acme.tokens.submit).call('retryRun', { params: { id }, body: {} });
  expect(dumpDatabase(server.dataDir).run_watches).toEqual([]);
});
