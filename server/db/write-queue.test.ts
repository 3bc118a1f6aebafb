import { spawn } from 'node:child_process';
import { createClient } from '@libsql/client';
import { expect, test } from 'vitest';
import { openTestStore } from '../../test/support/queue.ts';

const addOrg = (id: string) => ({ sql: 'INSERT INTO orgs (id, created_at) VALUES (?, 1)', args: [id] });

/** Another process that takes the file's write lock, says so, and lets it go after `ms`. */
async function holdLockElsewhere(file: string, ms: number): Promise<{ gone: Promise<unknown> }> {
  const script = `
    import Database from 'libsql';
    const db = new Database(process.argv[1]);
    db.exec('BEGIN IMMEDIATE');
    process.stdout.write('held');
    setTimeout(() => { db.exec('ROLLBACK'); process.exit(0); }, Number(process.argv[2]));`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script, file, String(ms)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise((resolve) => holder.once('exit', resolve));
  await new Promise<void>((resolve, reject) => {
    holder.stdout.once('data', () => resolve());
    holder.once('error', reject);
    holder.once('exit', (code) => code !== 0 && reject(new Error(`the holder ended with ${code}`)));
  });
  return { gone };
}

/** Reads the file by a connection of its own, as after a restart. */
async function orgsOnDisk(file: string): Promise<string[]> {
  const client = createClient({ url: `file:${file}` });
  try {
    return (await client.execute('SELECT id FROM orgs ORDER BY id')).rows.map((row) => String(row.id));
  } finally {
    client.close();
  }
}

test('a failing statement rolls its whole batch back and later writes go on', async () => {
  const { sql, file } = await openTestStore();
  const broken = sql.write([addOrg('a'), addOrg('b'), { sql: 'INSERT INTO orgs (id) VALUES (NULL)' }]);
  await expect(broken).rejects.toThrow(/impossible row/);
  await sql.write([addOrg('c')]);
  expect(await orgsOnDisk(file)).toEqual(['c']);
});

test('callers of one turn share a commit, and a bad one fails alone', async () => {
  const { sql, file } = await openTestStore();
  let commits = 0;
  sql.onCommit(() => {
    commits += 1;
  });
  await Promise.all(['a', 'b', 'c'].map((id) => sql.write([addOrg(id)])));
  expect(commits).toBe(1);
  const outcomes = await Promise.allSettled(['d', 'a', 'e'].map((id) => sql.write([addOrg(id)])));
  expect(outcomes.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await orgsOnDisk(file)).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('each caller is answered the rows of its own statements', async () => {
  const { sql } = await openTestStore();
  const insert = (id: string) => ({ ...addOrg(id), sql: `${addOrg(id).sql} RETURNING id` });
  const answers = await Promise.all([sql.write([insert('a')]), sql.write([insert('b'), insert('c')])]);
  expect(answers.map((rows) => rows.flat().map((row) => row.id))).toEqual([['a'], ['b', 'c']]);
});

test('a lock of another process that ends in time delays a write and loses nothing', async () => {
  const { sql, file } = await openTestStore();
  // Longer than one busy wait: the first try ends in BUSY, which poisons the connection, and the replay gets through.
  await holdLockElsewhere(file, 3500);
  await sql.write([addOrg('late')]);
  await sql.write([addOrg('later')]);
  expect(await orgsOnDisk(file)).toEqual(['late', 'later']);
  expect(sql.reconnects()).toBe(1);
});

test('a closed write queue refuses writes', async () => {
  const { sql } = await openTestStore();
  await sql.close();
  await expect(sql.write([addOrg('a')])).rejects.toThrow(/closed/);
});

test('while a foreign lock is held for long, only the first write waits for it, and later ones are patient again', async () => {
  const { sql, file } = await openTestStore();
  // The first gives up after 5 s. The second would get through if it waited as long.
  const holder = await holdLockElsewhere(file, 8000);
  await expect(sql.write([addOrg('first')])).rejects.toMatchObject({ code: 'unavailable' });
  await expect(sql.write([addOrg('second')])).rejects.toMatchObject({ code: 'unavailable' });
  await holder.gone;
  await sql.write([addOrg('third')]);
  await holdLockElsewhere(file, 1000);
  await sql.write([addOrg('fourth')]);
  expect(await orgsOnDisk(file)).toEqual(['fourth', 'third']);
});
