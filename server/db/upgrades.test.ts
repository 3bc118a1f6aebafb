import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createClient } from '@libsql/client';
import { expect, inject, onTestFinished, test } from 'vitest';
import { rules } from '../../test/model/invariants.ts';
import { takeLease } from '../../test/support/deps.ts';
import { addLaterStep, laterDatabase, old, oldDatabase, schemas } from '../../test/support/old-database.ts';
import { copyTemplate, everyone, openTestQueue, tempFolder } from '../../test/support/queue.ts';
import { addOrg, newDataDir, openServer, startTestServer } from '../../test/support/server.ts';
import { World } from '../../test/support/world.ts';
import { finishAttempt } from '../queue/attempts/finish-attempt.ts';
import { startAttempt } from '../queue/attempts/start-attempt.ts';
import { repairWaiting } from '../queue/figures/index.ts';
import { repairPools } from '../queue/fleet/index.ts';
import { readHeartbeat, renewLeases } from '../queue/leases/renew-leases.ts';
import { openQueue } from '../queue/open-queue.ts';
import { openReader } from './snapshot.ts';

/** Triggers and indexes, each with its SQL; tables without it, since an ALTER TABLE leaves other blanks. */
function schemaOf(file: string): unknown[] {
  const reader = openReader(file);
  try {
    return [
      ...reader.rows(
        `SELECT type, name, tbl_name, CASE WHEN type = 'trigger' THEN sql END AS sql FROM sqlite_schema ORDER BY type, name`,
      ),
    ].map(({ type, name, tbl_name: table, sql }) => ({ type, name, table, sql }));
  } finally {
    reader.close();
  }
}

const template = schemaOf(inject('templateDatabase'));

test.each(schemas)('a server of %s is upgraded with its runs under way', async (schema) => {
  const file = await oldDatabase(schema);
  const store = await openQueue(file);
  onTestFinished(() => store.close());
  const { deps } = await openTestQueue({}, store);
  // As at a start.
  await repairPools(deps);
  await repairWaiting(deps);
  const ids = (await store.sql.read('SELECT id FROM jobs ORDER BY seq')).map(({ id }) => id);
  expect(ids).toEqual(old.jobIds);

  const mine = { agentId: old.agentId, bootId: old.bootId, leaseIds: [old.leaseId] };
  await renewLeases(deps, everyone, mine);
  expect(await readHeartbeat(deps, everyone, mine)).toMatchObject({ leases: [{ status: 'active' }] });
  const caller = everyone;
  const ref = (jobId: string) => ({ leaseId: old.leaseId, jobId, attempt: 1 });
  const body = {
    attempt: 1,
    verdict: 'passed' as const,
    duration_ms: 5,
    tests: [{ name: 'a', status: 'passed' as const, duration_ms: 5 }],
  };
  expect(await finishAttempt(deps, caller, ref('job_running'), body)).toMatchObject({ status: 'passed' });
  expect(await startAttempt(deps, caller, ref('job_scheduled'))).toMatchObject({ status: 'running' });
  expect(await finishAttempt(deps, caller, ref('job_scheduled'), body)).toMatchObject({ status: 'passed' });
  const lease = await takeLease(deps, everyone, {
    ...{ lease_id: 'lease-of-new', boot_id: old.bootId, device_id: old.deviceIds[1], wait_ms: 0 },
  });
  expect(lease?.jobs.map(({ job_id: id }) => id)).toEqual(['job_queued']);

  const broken: string[] = [];
  for (const [sentence, sql] of Object.entries(rules))
    if ((await store.sql.read(sql)).length > 0) broken.push(sentence);
  expect(broken).toEqual([]);
  expect(schemaOf(file)).toEqual(template);
});

test('what is in quarantine at the upgrade counts as hunted then, so that nothing starts because of it', async () => {
  const before = Date.now() - 2000;
  const file = await oldDatabase(schemas.find((name) => name.startsWith('0036')) ?? '');
  const client = createClient({ url: `file:${file}` });
  const text = {
    id: 'qua_1',
    org_id: old.org,
    test_id: 't',
    repository_id: '',
    target: 'emulator',
    test_path: 'a',
  };
  const more = {
    file: '',
    title: '',
    case_id: '',
    owner: 'o',
    reason: 'r',
    created_by: 't',
    changed_by: 't',
  };
  const numbers = { merge_queue: 1, pull_request: 1, created_at: 1, changed_at: 1, ends_at: 2 };
  const row = { ...text, ...more, ...numbers };
  await client.execute({
    sql: `INSERT INTO quarantines (${Object.keys(row).join(', ')}) VALUES (${Object.keys(row)
      .map(() => '?')
      .join(', ')})`,
    args: Object.values(row),
  });
  client.close();
  const store = await openQueue(file);
  onTestFinished(() => store.close());
  const [quarantine] = await store.sql.read('SELECT hunted_at FROM quarantines');
  expect(Number(quarantine?.hunted_at)).toBeGreaterThan(before);
});

test('an older version refuses the database of a newer one, and changes no byte of it', async () => {
  const file = await laterDatabase(copyTemplate());
  const before = readFileSync(file);
  await expect(openQueue(file)).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringMatching(
      /^the database \S+ was made by a newer version of qgjob, or another one: start that version/,
    ),
  });
  expect(readFileSync(file).equals(before)).toBe(true);
});

test('a server goes on where a newer version has migrated its database beside it', async () => {
  const server = await startTestServer({ dataDir: newDataDir(tempFolder()) });
  const acme = new World(server, await addOrg(server, 'acme'));
  const held = await acme.running();
  await addLaterStep(join(server.dataDir, 'qgjob.db'));
  expect(await acme.finished()).toMatchObject({ status: 'passed' });
  const params = { id: held.lease.lease_id, job_id: held.job.job_id };
  const body = {
    attempt: 1,
    verdict: 'passed' as const,
    duration_ms: 5,
    tests: [{ name: 'a', status: 'passed' as const, duration_ms: 5 }],
  };
  expect(await acme.of(held.lease).call('finishJob', { params, body })).toMatchObject({ status: 'passed' });
  await server.close();
  // It will not start again on it.
  await expect(openServer(dirname(join(server.dataDir, 'qgjob.db')))).rejects.toMatchObject({ exitCode: 1 });
});
