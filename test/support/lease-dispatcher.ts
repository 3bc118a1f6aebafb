import type { TakeLease } from '../../protocol/shapes/agent.ts';
import { LeaseDispatcher } from '../../server/queue/dispatch/lease-dispatcher.ts';
import { WakeUps } from '../../server/queue/store/wake-ups.ts';
import { everyone, openTestQueue, type TestQueue } from './queue.ts';

const waitMs = 20_000;

/** A lease dispatcher on a test queue, which counts its reads and can fail. */
export async function openDispatcher(queue: TestQueue) {
  const wakeUps = new WakeUps();
  const errors: unknown[] = [];
  let reads = 0;
  let isAway = false;
  let beforeWrite: () => Promise<unknown> | unknown = () => undefined;
  const { read, write } = queue.deps.sql;
  const sql = {
    ...queue.deps.sql,
    read: ((sql, args) => {
      reads += 1;
      return isAway ? Promise.reject(new Error('away')) : underWay(read(sql, args));
    }) as typeof read,
    write: (async (statements) => {
      await beforeWrite();
      const written = await underWay(write(statements));
      // Written, and its answer is lost.
      if (isAway) throw new Error('away');
      return written;
    }) as typeof write,
  };
  const dispatcher = new LeaseDispatcher({ ...queue.deps, sql }, wakeUps, (error) => errors.push(error));
  return {
    wakeUps,
    errors,
    reads: () => reads,
    /** Runs between a plan and its write. */
    onWrite: (work: typeof beforeWrite) => {
      beforeWrite = work;
    },
    setAway: (value: boolean) => {
      isAway = value;
    },
    /** A lease request that waits; `hangUp` closes the call. */
    request: requestsTo(dispatcher),
  };
}

function requestsTo(dispatcher: LeaseDispatcher) {
  let leases = 0;
  return (
    deviceId: string,
    bootId: string,
    options: Partial<TakeLease> & { recheck?: () => Promise<unknown> } = {},
  ) => {
    leases += 1;
    const caller = new AbortController();
    const { recheck = async () => undefined, ...more } = options;
    const input = {
      lease_id: `lease-${leases}-xxxx`,
      boot_id: bootId,
      device_id: deviceId,
      wait_ms: waitMs,
      ...more,
    };
    const answer = dispatcher.lease(
      { caller: everyone, input },
      { waitMs: input.wait_ms, signal: caller.signal, recheck },
    );
    return { answer, hangUp: () => caller.abort() };
  };
}

/** Devices of one agent with waiting requests; `wake` makes the dispatcher look at all of them. */
export async function waiting(devices: number) {
  const queue = await openTestQueue();
  const agent = await queue.agent(
    'rack',
    Array.from({ length: devices }, () => 'emulator'),
  );
  const dispatcher = await openDispatcher(queue);
  const requests = agent.deviceIds.map((id) => dispatcher.request(id, 'boot-of-rack'));
  await settle();
  return { queue, agent, dispatcher, requests, wake: () => dispatcher.wakeUps.wake('pool:1') };
}

const calls = new Set<Promise<unknown>>();

/** Counts a call to the database until it is answered. */
function underWay<T>(call: Promise<T>): Promise<T> {
  calls.add(call);
  const end = () => void calls.delete(call);
  call.then(end, end);
  return call;
}

/** Lets all pending callbacks run, and those of the calls to the database that they make. */
export async function settle(): Promise<void> {
  for (let quiet = 0; quiet < 50; quiet += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (calls.size > 0) quiet = 0;
    await Promise.allSettled(calls);
  }
}
