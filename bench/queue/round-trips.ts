import type { Lease } from '../../protocol/shapes/agent.ts';
import { SubmitRun } from '../../protocol/shapes/run.ts';
import { finishJobs } from '../../server/queue/attempts/index.ts';
import { LeaseDispatcher } from '../../server/queue/dispatch/index.ts';
import { registerAgent } from '../../server/queue/fleet/register-agent.ts';
import { reportInstalled } from '../../server/queue/leases/report-installed.ts';
import { openQueue } from '../../server/queue/open-queue.ts';
import type { Deps } from '../../server/queue/store/deps.ts';
import { WakeUps } from '../../server/queue/store/wake-ups.ts';
import { submitRun } from '../../server/queue/submit/submit-run.ts';
import { everyone, makeDeps } from '../../test/support/deps.ts';
import { startProxy } from '../../test/support/proxy.ts';
import { startSqld } from '../../test/support/sqld.ts';
import { endWithParent } from './end-with-parent.ts';

/** Requests to a libSQL server, by what was done alone on an idle queue. */
export type RoundTrips = Readonly<Record<string, number>>;

const target = 'emulator';
const bootId = 'boot-of-the-counting';

/** Runs each verb on a real sqld, behind a proxy that counts the requests; the least of three times. */
export async function countRoundTrips(): Promise<RoundTrips> {
  const sqld = await startSqld();
  const release = endWithParent(sqld.pid);
  let calls = 0;
  const proxy = await startProxy(sqld.url, () => {
    calls += 1;
    return undefined;
  });
  const store = await openQueue({ url: proxy.url });
  try {
    const count = async <T>(work: () => Promise<T>): Promise<[result: T, calls: number]> => {
      const before = calls;
      const result = await work();
      return [result, calls - before];
    };
    return await countVerbs(makeDeps(store, Date.now), count);
  } finally {
    await store.close();
    proxy.close();
    await sqld.close();
    release();
  }
}

type Count = <T>(work: () => Promise<T>) => Promise<[result: T, calls: number]>;

async function countVerbs(deps: Deps, count: Count): Promise<RoundTrips> {
  const wakeUps = new WakeUps();
  const dispatcher = new LeaseDispatcher(deps, wakeUps, printFailure);
  const device = await register(deps);
  const request = (waitMs: number) =>
    dispatcher.lease(
      {
        caller: everyone,
        input: { lease_id: crypto.randomUUID(), boot_id: bootId, device_id: device, wait_ms: waitMs },
      },
      { waitMs, signal: new AbortController().signal, recheck: async () => undefined },
    );
  const once = async (): Promise<RoundTrips> => {
    const [, submitted] = await count(() => submit(deps));
    const [asked, lease] = await count(() => request(0));
    const [, finished] = await count(() => finish(deps, must(asked)));
    const waiting = request(waitMs);
    await quiet(count);
    await submit(deps);
    const [taken, leaseWaiting] = await count(() => {
      wakeUps.wake(pool);
      return waiting;
    });
    await finish(deps, must(taken));
    return { submit: submitted, lease, 'lease of a device that waits': leaseWaiting, finish: finished };
  };
  // The first lease brings an install, which the counted ones do not.
  await submit(deps);
  await finish(deps, must(await request(0)));
  return leastOf([await once(), await once(), await once()]);
}

/** On a slow machine reads that mostly share a round trip may each have their own. */
const leastOf = (counted: readonly RoundTrips[]): RoundTrips =>
  Object.fromEntries(
    Object.keys(counted[0] ?? {}).map((verb) => [
      verb,
      Math.min(...counted.map((one) => one[verb] ?? Number.NaN)),
    ]),
  );

/** The pool of the only target. */
const pool = 'pool:1';
const waitMs = 20_000;

async function register(deps: Deps): Promise<string> {
  const agent = { name: 'rack', boot_id: bootId, version: 'bench', devices: [{ name: 'one', target }] };
  const made = await registerAgent(deps, '', agent);
  return made.devices[0]?.device_id ?? '';
}

const submit = (deps: Deps): Promise<unknown> => {
  const body = SubmitRun.parse({ app_version_id: 'v1.0.0', target, tests: ['tests/a.spec.ts'] });
  return submitRun(deps, { orgId: 'bench', body, createOrg: true });
};

/** As a device does: it reports an install where the lease asks for one. */
async function finish(deps: Deps, lease: Lease): Promise<void> {
  if (lease.install) {
    await reportInstalled(deps, everyone, lease.lease_id, { ok: true, duration_ms: 1000, installs: 1 });
  }
  const jobs = lease.jobs.map((job) => ({
    job_id: job.job_id,
    attempt: job.next_attempt,
    verdict: 'passed' as const,
    duration_ms: 1000,
  }));
  await finishJobs(deps, everyone, lease.lease_id, { jobs });
}

function must(lease: Lease | undefined): Lease {
  if (!lease) throw new Error('a queued job was not leased');
  return lease;
}

/** Until a while has gone without a call to the database: what was started has ended. */
async function quiet(count: Count): Promise<void> {
  for (let calls = 1; calls > 0; ) {
    [, calls] = await count(() => new Promise<void>((resolve) => setTimeout(resolve, 200)));
  }
}

const printFailure = (error: unknown): void => void process.stderr.write(`${String(error)}\n`);
