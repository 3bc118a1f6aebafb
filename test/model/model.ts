import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { Lease } from '../../protocol/shapes/agent.ts';
import type { DatabasePlace } from '../../server/db/open-store.ts';
import type { Statement } from '../../server/db/statement.ts';
import type { WriteQueue } from '../../server/db/write-queue.ts';
import { openQueue } from '../../server/queue/open-queue.ts';
import { Coalescer } from '../../server/queue/store/coalescer.ts';
import type { Deps } from '../../server/queue/store/deps.ts';
import type { LeaseCaller } from '../../server/queue/store/find-lease.ts';
import { everyone, makeDeps } from '../support/deps.ts';
import { startSqld } from '../support/sqld.ts';

/** A change of the product's SQL that the tests must notice. */
export interface Mutant {
  readonly name: string;
  /** Rewrites a statement; at least one statement must change. */
  readonly rewrite?: (sql: string) => string;
  /** SQL that runs once on the fresh database. */
  readonly prepare?: string;
  /** The token of a lease passes for every lease. */
  readonly isTrusting?: true;
}

/** A lease as its agent knows it; it may have ended since. */
export interface HeldLease {
  readonly lease: Lease;
  readonly agent: AgentProcess;
  readonly device: number;
}

/** One start of an agent. */
export interface AgentProcess {
  readonly name: string;
  readonly owner: string;
  readonly bootId: string;
  readonly agentId: string;
  readonly deviceIds: readonly string[];
}

/** The real queue on a real file, and what its clients know of it. */
export interface Model {
  readonly deps: Deps;
  /** A second server on the same database, for repeated calls. */
  readonly other: Deps;
  readonly agents: AgentProcess[];
  readonly leases: HeldLease[];
  /** Acknowledged runs and jobs, in order. */
  readonly runs: { readonly id: string; readonly orgId: string }[];
  readonly jobs: { readonly id: string; readonly orgId: string }[];
  /** The run that each idempotency key made. */
  readonly keys: Map<string, { readonly runId: string; readonly body: string }>;
  /** Jobs whose cancel was acknowledged before they were final. */
  readonly cancelled: Set<string>;
  /** Final rows, as first seen. */
  readonly finals: Map<string, string>;
  /** Verdicts, as first seen, by job and attempt. */
  readonly verdicts: Map<string, string>;
  /** What verdicts said a next attempt has to run (JSON), by job and attempt; '' for the whole file. */
  readonly named: Map<string, Set<string>>;
  /** Final jobs whose tests were checked. */
  readonly results: Set<string>;
  /** Who has the token of this lease. */
  callerOf(leaseId: string): LeaseCaller;
  next(): number;
  advance(ms: number): void;
  /** True if the mutant's rewrite has changed a statement that ran. */
  mutated(): boolean;
  close(): Promise<void>;
}

export async function openModel(mutant?: Mutant): Promise<Model> {
  const { place, remove } = await openDatabase();
  const store = await openQueue(place);
  // This test is not about power cuts.
  if (typeof place === 'string') await store.sql.read('PRAGMA synchronous = OFF');
  if (mutant?.prepare) await store.sql.write([{ sql: mutant.prepare }]);
  let now = Date.UTC(2026, 0, 1);
  let count = 0;
  const { sql, mutated } = mutate(store.sql, mutant);
  const deps = makeDeps({ db: store.db, sql }, () => now, { maxRetries: 2 });
  const second = typeof place === 'string' ? undefined : await openQueue(place);
  const other =
    second && makeDeps({ db: second.db, sql: mutate(second.sql, mutant).sql }, () => now, { maxRetries: 2 });
  return {
    deps,
    // A file has one process: there its second server shares the connection.
    other: other ?? { ...deps, coalescer: new Coalescer() },
    agents: [],
    leases: [],
    runs: [],
    jobs: [],
    keys: new Map(),
    cancelled: new Set(),
    finals: new Map(),
    verdicts: new Map(),
    named: new Map(),
    results: new Set(),
    callerOf: (leaseId) => (mutant?.isTrusting ? everyone : { leaseId }),
    next: () => {
      count += 1;
      return count;
    },
    advance: (ms) => {
      now += ms;
    },
    mutated,
    close: async () => {
      await second?.close();
      await store.close();
      await remove();
    },
  };
}

/** A copy of the template: a file, or a libSQL server of its own. A model is closed before its test ends. */
async function openDatabase(): Promise<{ place: DatabasePlace; remove: () => Promise<void> }> {
  if (inject('database') === 'sqld') {
    const sqld = await startSqld(inject('sqldTemplate'));
    return { place: { url: sqld.url }, remove: sqld.close };
  }
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-model-'));
  const file = join(folder, 'qgjob.db');
  copyFileSync(inject('templateDatabase'), file);
  return { place: file, remove: async () => rmSync(folder, { recursive: true, force: true }) };
}

function mutate(sql: WriteQueue, mutant: Mutant | undefined): { sql: WriteQueue; mutated: () => boolean } {
  const rewrite = mutant?.rewrite;
  if (!rewrite) return { sql, mutated: () => mutant !== undefined };
  let changed = false;
  const change = (sql: string): string => {
    const after = rewrite(sql);
    changed ||= after !== sql;
    return after;
  };
  const statement = (one: Statement): Statement => ({ ...one, sql: change(one.sql) });
  return {
    sql: {
      ...sql,
      read: (text, args) => sql.read(change(text), args),
      write: (statements) => sql.write(statements.map(statement)),
    },
    mutated: () => changed,
  };
}
