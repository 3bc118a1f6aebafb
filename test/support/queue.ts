import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject, onTestFinished } from 'vitest';
import type { Lease } from '../../protocol/shapes/agent.ts';
import { SubmitRun } from '../../protocol/shapes/run.ts';
import type { DatabasePlace } from '../../server/db/open-store.ts';
import type { Store } from '../../server/db/store.ts';
import { registerAgent } from '../../server/queue/fleet/register-agent.ts';
import { openQueue } from '../../server/queue/open-queue.ts';
import type { Deps } from '../../server/queue/store/deps.ts';
import { submitRun } from '../../server/queue/submit/submit-run.ts';
import { everyone, makeDeps, takeLease } from './deps.ts';
import { startSqld } from './sqld.ts';

/** A temporary folder; deleted when the test ends. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Path of a fresh copy of the migrated template; deleted when the test ends. */
export function copyTemplate(): string {
  const file = join(tempFolder(), 'qgjob.db');
  copyFileSync(inject('templateDatabase'), file);
  return file;
}

/** A store on a copy of the migrated template, a file or a libSQL server of its own; closed when the test ends. */
export async function openTestStore(): Promise<Store & { readonly file: string }> {
  const { place, file } = await copyDatabase();
  const store = await openQueue(place);
  onTestFinished(() => store.close());
  return { ...store, file };
}

/** A fresh copy of the migrated template where tests run: a file, or a libSQL server of its own. */
export async function copyDatabase(): Promise<{ readonly place: DatabasePlace; readonly file: string }> {
  if (inject('database') === 'file') {
    const file = copyTemplate();
    return { place: file, file };
  }
  const sqld = await startSqld(inject('sqldTemplate'));
  onTestFinished(() => sqld.close());
  return { place: { url: sqld.url }, file: sqld.file };
}

export interface TestQueue {
  readonly deps: Deps;
  /** Advances the clock, ms. */
  advance(ms: number): void;
  submit(
    body: Partial<SubmitRun> & { org_id?: string },
    key?: string,
    submittedBy?: string,
  ): ReturnType<typeof submitRun>;
  /** Registers an agent with one device for each target. */
  agent(
    name: string,
    targets: readonly string[],
    options?: { owner?: string; boot?: string },
  ): Promise<TestAgent>;
}

export interface TestAgent {
  readonly agentId: string;
  readonly deviceIds: readonly string[];
  /** Requests a lease for the n-th device, with a new lease id by default. */
  take(device?: number, leaseId?: string): Promise<Lease | undefined>;
  /** The same, but throws if there is no job. */
  mustTake(device?: number): Promise<Lease>;
}

export { everyone };
export const anyOrg = { orgId: undefined };

/** The queue's verbs on a real database file, with a clock that only the test advances. */
export async function openTestQueue(
  settings: Partial<Deps['settings']> = {},
  given?: Pick<Store, 'db' | 'sql'>,
): Promise<TestQueue> {
  const store = given ?? (await openTestStore());
  let now = Date.UTC(2026, 0, 1);
  const deps = makeDeps(store, () => now, settings);
  let leases = 0;
  return {
    deps,
    advance: (ms) => {
      now += ms;
    },
    submit: ({ org_id: orgId = 'acme', ...body }, key, submittedBy = '') =>
      submitRun(deps, {
        orgId,
        body: SubmitRun.parse({ app_version_id: 'v1', tests: ['a.spec.ts'], ...body }),
        idempotencyKey: key,
        createOrg: true,
        submittedBy,
      }),
    async agent(name, targets, { owner = '', boot = `boot-of-${name}` } = {}) {
      const devices = targets.map((target, index) => ({ name: `d${index}`, target }));
      const made = await registerAgent(deps, owner, { name, boot_id: boot, version: '1', devices });
      const deviceIds = devices.map(
        (one) => made.devices.find((device) => device.name === one.name)?.device_id ?? '',
      );
      const take = (device = 0, leaseId?: string) => {
        leases += 1;
        return takeLease(deps, everyone, {
          lease_id: leaseId ?? `lease-${name}-${leases}`,
          boot_id: boot,
          device_id: deviceIds[device] ?? '',
          wait_ms: 0,
        });
      };
      return {
        agentId: made.agent_id,
        deviceIds,
        take,
        async mustTake(device) {
          const lease = await take(device);
          if (!lease) throw new Error('there is no job to take');
          return lease;
        },
      };
    },
  };
}
