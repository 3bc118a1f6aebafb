import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RouteName, routes } from '../../protocol/routes.ts';
import { type Schema, valuesOf } from '../../test/support/schema-values.ts';
import { addOrg, dumpDatabase, newDataDir, openServer, type TestServer } from '../../test/support/server.ts';
import { World } from '../../test/support/world.ts';
import { openApi } from './openapi.ts';

/** One call of the description. */
interface Operation {
  readonly operationId: RouteName;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema?: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
}

const operations = Object.values(openApi('1', '/').paths).flatMap((path) =>
  Object.values(path as Record<string, Operation>),
);

let folder: string;
let server: TestServer;
let acme: World;
let commits: DatabaseSync;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'qgjob-described-'));
  server = await openServer(newDataDir(folder));
  acme = new World(server, await addOrg(server, 'acme'));
  // So that only calls change rows.
  await server.stopLoops();
  commits = new DatabaseSync(join(server.dataDir, 'qgjob.db'), { readOnly: true });
});

afterAll(async () => {
  commits.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Changes with each commit of the server. */
const version = (): unknown => commits.prepare('PRAGMA data_version').get()?.data_version;

/** What is written also where a call is refused: when a token and an agent were last seen, and marks of uploads. */
const seenAnyway = ['last_used_at', 'last_seen_at'];
const markTables = ['audit', 'blob_marks'];

/** What the server holds, by table. */
const rows = (): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(dumpDatabase(server.dataDir))
      .filter(([table]) => !markTables.includes(table))
      .map(([table, all]) => [
        table,
        JSON.stringify(all, (key, value) => (seenAnyway.includes(key) ? null : value)),
      ]),
  );

const changedOf = (before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): string[] =>
  [...now.keys()].filter((table) => before.get(table) !== now.get(table));

/** Ids that are there, so that calls get further than to a 404. */
async function someIds() {
  const { lease, job, fleet } = await acme.running();
  return {
    lease: lease.lease_id,
    job: job.job_id,
    run: job.run_id,
    agent: fleet.agentId,
    device: fleet.deviceId,
  };
}

function paramsOf(name: RouteName, ids: Awaited<ReturnType<typeof someIds>>): Record<string, string> {
  const kind = Object.keys(ids).find((one) => routes[name].path.startsWith(`/v1/${one}s/`));
  return {
    id: ids[(kind ?? 'job') as keyof typeof ids],
    job_id: ids.job,
    name: 'shot.png',
    sha256: '0'.repeat(64),
  };
}

/** What a call takes by its description, now and then with a key too many. */
function inputsOf({ parameters = [], requestBody }: Operation) {
  const query = parameters.filter((one) => one.in === 'query');
  const json = requestBody?.content['application/json']?.schema;
  return fc.record({
    query: fc.record(Object.fromEntries(query.map(({ name, schema }) => [name, valuesOf(schema ?? {})])), {
      requiredKeys: [],
    }),
    body: json ? valuesOf(json) : fc.uint8Array({ maxLength: 100 }),
    pollution: fc.constantFrom(undefined, '__proto__', 'constructor', 'prototype'),
  });
}

/** In the body, as JSON that no literal can write. */
const polluted = (body: unknown, key: string | undefined): unknown =>
  key === undefined || typeof body !== 'object' || body === null || body instanceof Uint8Array
    ? body
    : JSON.stringify(body).replace(
        /^\{/,
        `{"${key}":{"polluted":"yes"}${Object.keys(body).length > 0 ? ',' : ''}`,
      );

test.each(operations.map((one) => [one.operationId, one] as const))(
  '%s: whatever its description allows is answered below 500, and what is refused changes nothing',
  { timeout: 120_000 },
  async (name, operation) => {
    const ids = await someIds();
    let [seen, kept] = [version(), rows()];
    await fc.assert(
      fc.asyncProperty(inputsOf(operation), async ({ query, body, pollution }) => {
        const wait = {
          ...('wait_ms' in query && { wait_ms: 1 }),
          ...(name === 'followEvents' && { wait_ms: 1 }),
        };
        const texts = Object.fromEntries(
          Object.entries({ ...query, ...wait }).map(([key, value]) => [key, String(value).toWellFormed()]),
        );
        const sent = operation.requestBody ? { body: polluted(body, pollution) } : {};
        const answer = await server.ask(name, { params: paramsOf(name, ids), query: texts, ...sent });
        expect(answer.status, answer.text).toBeLessThan(500);
        expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
        const now = version();
        if (now === seen) return;
        const held = rows();
        if (answer.status >= 400) expect(changedOf(kept, held), answer.text).toEqual([]);
        [seen, kept] = [now, held];
      }),
      {
        numRuns: Number(process.env.QGJOB_FUZZ_RUNS ?? 12),
        seed: Number(process.env.QGJOB_SEED ?? 20_260_101),
      },
    );
  },
);
