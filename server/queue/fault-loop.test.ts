import type { Client, InStatement } from '@libsql/client';
import { expect, inject, test } from 'vitest';
import { borrowsOf } from '../../test/support/borrowing.ts';
import { type DatabaseCopy, newDatabase } from '../../test/support/database-copy.ts';
import { takeLease } from '../../test/support/deps.ts';
import { anyOrg, everyone, openTestQueue, type TestAgent, type TestQueue } from '../../test/support/queue.ts';
import { drizzle } from '../db/drizzle.ts';
import { createWriteQueue } from '../db/write-queue.ts';
import { addArtifact } from './attempts/add-artifact.ts';
import { finishAttempt } from './attempts/finish-attempt.ts';
import { startAttempt } from './attempts/start-attempt.ts';
import { endBorrow, grantBorrows, settleBorrows } from './borrows/index.ts';
import { expireQueued, queueDue } from './dispatch/tick.ts';
import { patchAgent, patchDevice } from './fleet/patch-fleet.ts';
import { replaceBatches } from './fleet/place-batches.ts';
import { registerAgent } from './fleet/register-agent.ts';
import { releaseLease } from './leases/release-lease.ts';
import { renewLeases } from './leases/renew-leases.ts';
import { reportInstalled } from './leases/report-installed.ts';
import { rescueExpired, rescueOverdue } from './leases/rescue-leases.ts';
import { commitEnd } from './open-queue.ts';
import { createOrg, patchOrg } from './orgs/orgs.ts';
import { revokeToken } from './orgs/revoke-token.ts';
import { type NewToken, storeToken } from './orgs/store-token.ts';
import { storeOperatorToken } from './orgs/tokens.ts';
import { cancelJob, cancelRun } from './runs/cancel-runs.ts';
import { retryRun } from './runs/retry-runs.ts';
import type { Deps } from './store/deps.ts';

/** How a statement fails: the database refuses it, or it is done and its answer is lost. */
type Fault = { readonly at: number; readonly when: 'before' | 'after' };

const ioError = () => Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR' });

/** Makes the n-th statement of a client fail; returns a function that counts its statements. */
function injectFault(client: Client, fault: Fault | undefined): { asked: () => number } {
  let asked = 0;
  const { execute, batch } = client;
  client.execute = (async (first: InStatement, args?: never) => {
    asked += 1;
    const isFaulty = asked === fault?.at;
    if (isFaulty && fault?.when === 'before') throw ioError();
    const result = await execute.call(client, first as string, args as never);
    if (isFaulty) throw ioError();
    return result;
  }) as Client['execute'];
  client.batch = async (statements, mode) => {
    const from = asked;
    asked += statements.length;
    const place = (fault?.at ?? 0) - from - 1;
    const isFaulty = place >= 0 && place < statements.length;
    // The database itself rolls back the part of the batch that is done.
    const broken = statements.map((one, n) =>
      n === place && fault?.when === 'before' ? 'SELECT no_such()' : one,
    );
    try {
      const results = await batch.call(client, broken as typeof statements, mode);
      if (isFaulty) throw ioError();
      return results;
    } catch (error) {
      throw isFaulty ? ioError() : error;
    }
  };
  return { asked: () => asked };
}

interface Opened {
  readonly queue: TestQueue;
  readonly client: Client;
  /** How many statements it was asked. */
  readonly asked: () => number;
}

async function open(database: DatabaseCopy, fault?: Fault): Promise<Opened> {
  const client = database.client();
  const { asked } = injectFault(client, fault);
  const connection = database.connect(client);
  const store = {
    db: drizzle(client, { casing: 'snake_case' }),
    sql: createWriteQueue(connection, commitEnd),
  };
  return { queue: await openTestQueue({}, store), client, asked };
}

/** All rows of the database, with each id replaced by its place in the order of ids. */
async function dump(database: DatabaseCopy): Promise<string> {
  const client = database.client();
  const tables = await client.execute(
    `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_\\_%' ESCAPE '\\'
     ORDER BY name DESC`,
  );
  const parts: string[] = [];
  for (const { name } of tables.rows) {
    const { rows } = await client.execute(`SELECT * FROM ${name} ORDER BY rowid`);
    parts.push(`${name}\n${rows.map((row) => JSON.stringify(row)).join('\n')}`);
  }
  client.close();
  const ids = new Map<string, string>();
  return parts.join('\n\n').replace(/(run|job|agt|dev|bor)_[0-9a-f]{32}/g, (id, kind) => {
    const known = ids.get(id) ?? `${kind}_${ids.size}`;
    ids.set(id, known);
    return known;
  });
}

interface Scene {
  readonly queue: TestQueue;
  readonly agent: TestAgent;
  readonly runId: string;
  readonly leaseId: string;
  readonly jobId: string;
}

interface Verb {
  readonly name: string;
  /** A repeat is refused or writes one more event for the pools, so only the first time is compared. */
  readonly repeatDiffers?: true;
  /** The steps before the act, in the common scene: a run of three jobs, two of them leased. */
  readonly arrange?: (scene: Scene) => Promise<unknown>;
  /** The time of the act, ms after the start of the scene. */
  readonly later?: number;
  readonly act: (
    deps: Deps,
    scene: Omit<Scene, 'queue' | 'agent'> & { deviceIds: readonly string[]; agentId: string },
  ) => Promise<unknown>;
}

const finish =
  (report: object): Verb['act'] =>
  (deps, { leaseId, jobId }) =>
    finishAttempt(
      deps,
      everyone,
      { leaseId, jobId, attempt: 1 },
      {
        attempt: 1,
        duration_ms: 5,
        verdict: 'passed',
        tests: [{ name: 't', status: 'passed', duration_ms: 1 }],
        ...report,
      },
    );
const start = ({ queue, leaseId, jobId }: Scene) =>
  startAttempt(queue.deps, everyone, { leaseId, jobId, attempt: 1 });
const boot = 'boot-of-rack';
const infra = { verdict: 'error', error_class: 'infra_error', tests: undefined };
const install =
  (report: object): Verb['act'] =>
  (deps, { leaseId }) =>
    reportInstalled(deps, everyone, leaseId, { ok: true, duration_ms: 5, installs: 1, ...report });

const operator = { id: 'e5f6', hash: 'a7b8' };
const minted = { id: 'a1b2', hash: 'c3d4' };
const newToken: NewToken = {
  ...{ minted, parentId: operator.id },
  body: { name: 'ci', org_id: 'acme', scopes: ['submit'] },
};
const artifact = { id: 'art_1', name: 'shot.png', size: 3, sha256: 'a'.repeat(64) };

/** A person waits for the second device, behind the job that is queued. */
const ask = ({ queue, agent }: Scene) =>
  borrowsOf(queue, undefined)({ device_id: agent.deviceIds[1], minutes: 5 });
const lend = async (scene: Scene) => {
  await ask(scene);
  await grantBorrows(scene.queue.deps, 1, scene.agent.deviceIds);
};
const theBorrow = async (deps: Deps) => String((await deps.sql.read('SELECT id FROM borrows'))[0]?.id);
/** The lease has the running job alone, whose run holds the device of a failure. */
const holdLater = async (scene: Scene) => {
  await start(scene);
  await releaseLease(scene.queue.deps, everyone, scene.leaseId);
  await scene.queue.deps.sql.write([
    { sql: `UPDATE runs SET settings = json_set(settings, '$.hold_minutes', 5)` },
    { sql: 'UPDATE batches SET lone = 1' },
    { sql: 'UPDATE jobs SET retry_failed_tests = 0, changed_at = changed_at' },
  ]);
};

const verbs: Verb[] = [
  {
    name: 'a device that is lent',
    arrange: ask,
    act: (deps, { deviceIds }) => grantBorrows(deps, 1, deviceIds),
  },
  {
    name: 'the return of a device',
    arrange: lend,
    act: async (deps) => endBorrow(deps, await theBorrow(deps), anyOrg),
  },
  { name: 'the end of a borrow', arrange: lend, later: 300_000, act: (deps) => settleBorrows(deps) },
  { name: 'finish, failed, its device held', arrange: holdLater, act: finish({ verdict: 'failed' }) },
  {
    name: 'take',
    act: (deps, { deviceIds }) =>
      takeLease(deps, everyone, {
        lease_id: 'lease-new',
        boot_id: boot,
        device_id: deviceIds[1] ?? '',
        wait_ms: 0,
      }),
  },
  {
    name: 'start',
    act: (deps, { leaseId, jobId }) => startAttempt(deps, everyone, { leaseId, jobId, attempt: 1 }),
  },
  { name: 'finish, passed', arrange: start, act: finish({}) },
  { name: 'finish of a start that was lost', act: finish({}) },
  { name: 'finish, failed and tried again', arrange: start, act: finish({ verdict: 'failed' }) },
  { name: 'finish, infrastructure', arrange: start, act: finish(infra) },
  { name: 'finish, a broken build', arrange: start, act: finish({ ...infra, error_class: 'build_error' }) },
  {
    name: 'finish, an install that failed',
    arrange: start,
    act: finish({ ...infra, error_class: 'install_failed' }),
  },
  {
    name: 'finish, cancelled',
    arrange: async (scene) => [await start(scene), await cancelJob(scene.queue.deps, scene.jobId, anyOrg)],
    act: finish({ verdict: 'cancelled', tests: undefined }),
  },
  { name: 'installed', act: install({}) },
  { name: 'installed, failed', act: install({ ok: false, error_class: 'install_failed' }) },
  { name: 'installed, a broken build', act: install({ ok: false, error_class: 'build_error' }) },
  { name: 'release', act: (deps, { leaseId }) => releaseLease(deps, everyone, leaseId) },
  {
    name: 'heartbeat',
    later: 5000,
    act: (deps, { agentId, leaseId }) =>
      renewLeases(deps, everyone, { agentId, bootId: boot, leaseIds: [leaseId] }),
  },
  { name: 'cancel of a run', arrange: start, act: (deps, { runId }) => cancelRun(deps, runId, anyOrg) },
  {
    name: 'register anew',
    arrange: start,
    act: (deps) =>
      registerAgent(deps, '', {
        name: 'rack',
        boot_id: 'another-boot',
        version: '2',
        devices: [{ name: 'd0', target: 'emulator' }],
      }),
  },
  { name: 'rescue of a lost agent', arrange: start, later: 61_000, act: rescueExpired },
  {
    name: 'rescue of a hung test',
    arrange: start,
    later: 16 * 60_000 + 1,
    act: (deps) => rescueOverdue(deps),
  },
  {
    name: 'queue what has waited',
    arrange: (scene) => finish(infra)(scene.queue.deps, { ...scene, deviceIds: [], agentId: '' }),
    later: 20_000,
    act: queueDue,
  },
  { name: 'end what nobody took', later: 25 * 3_600_000, act: expireQueued },
  {
    name: 'retry',
    arrange: async ({ queue, runId, leaseId, jobId }) => [
      await cancelRun(queue.deps, runId, anyOrg),
      leaseId,
      jobId,
    ],
    act: (deps, { runId }) => retryRun(deps, { id: runId, idempotencyKey: 'again' }, anyOrg),
  },
  { name: 'an org', act: (deps) => createOrg(deps, { org_id: 'newcomer' }), repeatDiffers: true },
  {
    name: 'a token',
    arrange: ({ queue: { deps } }) => storeOperatorToken(deps, operator),
    act: (deps) => storeToken(deps, newToken),
    repeatDiffers: true,
  },
  {
    name: 'the end of a token',
    arrange: async ({ queue: { deps } }) => {
      await storeOperatorToken(deps, operator);
      await storeToken(deps, newToken);
    },
    act: (deps) => revokeToken(deps, minted.id, anyOrg),
  },
  {
    name: 'drain and pause of an agent',
    act: (deps, { agentId }) => patchAgent(deps, agentId, { drain: true, paused: true }, anyOrg),
    repeatDiffers: true,
  },
  {
    name: 'pause of a device',
    act: (deps, { deviceIds }) => patchDevice(deps, deviceIds[1] ?? '', { paused: true }, anyOrg),
    repeatDiffers: true,
  },
  {
    name: 'pause and cap of an org',
    act: (deps) => patchOrg(deps, 'acme', { paused: true, max_leases: 1 }, anyOrg),
    repeatDiffers: true,
  },
  {
    name: 'an artifact',
    arrange: start,
    act: (deps, { leaseId, jobId }) =>
      addArtifact(deps, { leaseId, jobId, attempt: 1 }, artifact, { fileBytes: 9, jobBytes: 9, jobFiles: 9 }),
  },
  {
    name: 'work that goes back to the shared pool',
    arrange: async ({ queue }) => {
      await queue.agent('own', ['device'], { owner: 'acme' });
      await queue.submit({ target: 'device' });
    },
    later: 61_000,
    act: replaceBatches,
  },
];

async function prepareScene(verb: Verb): Promise<{ database: DatabaseCopy; scene: Scene }> {
  const database = await newDatabase();
  const { queue, client } = await open(database);
  const agent = await queue.agent('rack', ['emulator', 'emulator']);
  const { run } = await queue.submit({ tests: ['a', 'b', 'c'] }, 'first');
  await queue.submit({ app_version_id: 'v2', tests: ['x'] });
  const lease = await agent.mustTake();
  const scene = {
    queue,
    agent,
    runId: run.run_id,
    leaseId: lease.lease_id,
    jobId: lease.jobs[0]?.job_id ?? '',
  };
  await verb.arrange?.(scene);
  client.close();
  return { database, scene };
}

/** The act on a copy of the scene, with or without a fault; the caller closes the copy. */
async function actOn(from: DatabaseCopy, scene: Scene, verb: Verb, fault?: Fault) {
  const copy = await from.copy();
  const { queue, client, asked } = await open(copy, fault);
  queue.advance(verb.later ?? 0);
  const place = { ...scene, deviceIds: scene.agent.deviceIds, agentId: scene.agent.agentId };
  const error = await verb.act(queue.deps, place).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const statements = asked();
  client.close();
  return { copy, statements, error, again: () => actAgain(copy, verb, place) };
}

/** The same act again, by a caller that got no answer to the first; a refusal counts as an answer. */
async function actAgain(copy: DatabaseCopy, verb: Verb, place: Parameters<Verb['act']>[1]): Promise<void> {
  const { queue, client } = await open(copy);
  queue.advance(verb.later ?? 0);
  await verb.act(queue.deps, place).catch(() => undefined);
  client.close();
}

const whens = ['before', 'after'] as const;

/** Each copy is a server of its own where tests run on those: a part of the faults by day, all of them at night. */
const isTried = (at: number, statements: number): boolean =>
  inject('database') === 'file' || inject('isNightly') || at % 15 === statements % 15;

test.each(verbs)('$name: whichever statement fails, the state is the old or the new one', async (verb) => {
  const { database, scene } = await prepareScene(verb);
  const before = await dump(database);
  const clean = await actOn(database, scene, verb);
  expect(clean.error).toBeUndefined();
  const after = await dump(clean.copy);
  expect(after).not.toBe(before);
  await clean.copy.close();
  for (const when of whens) {
    for (let at = 1; at <= clean.statements; at += 1) {
      if (!isTried(at, clean.statements)) continue;
      const { copy, error, again } = await actOn(database, scene, verb, { at, when });
      const now = await dump(copy);
      if (now !== before) expect(now, `statement ${at} failed ${when} its effect`).toBe(after);
      expect(error, `statement ${at} failed ${when} its effect, and nobody heard of it`).toBeDefined();
      if (!verb.repeatDiffers) {
        await again();
        expect(await dump(copy), `done again after statement ${at} failed ${when}`).toBe(after);
      }
      await copy.close();
    }
  }
  await database.close();
});

test('submit: whichever statement fails, the run is there whole or not at all', async () => {
  const database = await newDatabase();
  const submit = ({ deps, submit: put }: TestQueue) =>
    put({ tests: ['a', 'b'], targets: ['emulator', 'device'] }, deps.now() > 0 ? 'key' : 'never');
  const run = async (fault?: Fault) => {
    const copy = await database.copy();
    const { queue, client, asked } = await open(copy, fault);
    await submit(queue).catch(() => undefined);
    const count = asked();
    const state = await dump(copy);
    client.close();
    const second = await open(copy);
    await submit(second.queue);
    second.client.close();
    const settled = await dump(copy);
    await copy.close();
    return { count, state, settled };
  };
  const before = await dump(database);
  const clean = await run();
  for (const when of whens) {
    for (let at = 1; at <= clean.count; at += 1) {
      if (!isTried(at, clean.count)) continue;
      const { state, settled } = await run({ at, when });
      if (state !== before) expect(state, `statement ${at} failed ${when}`).toBe(clean.state);
      expect(settled, `sent again after statement ${at} failed ${when}`).toBe(clean.settled);
    }
  }
  await database.close();
});
