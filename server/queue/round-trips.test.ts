import { expect, onTestFinished, test } from 'vitest';
import { FinishJob } from '../../protocol/shapes/agent.ts';
import { everyone } from '../../test/support/deps.ts';
import { startProxy } from '../../test/support/proxy.ts';
import { openTestQueue } from '../../test/support/queue.ts';
import { startSqld } from '../../test/support/sqld.ts';
import { finishAttempt } from './attempts/finish-attempt.ts';
import { startAttempt } from './attempts/start-attempt.ts';
import { readHeartbeat, renewLeases } from './leases/renew-leases.ts';
import { openQueue } from './open-queue.ts';

test('a verb takes as many round trips to a libSQL server as are written here', async () => {
  const sqld = await startSqld();
  onTestFinished(() => sqld.close());
  let calls = 0;
  const proxy = await startProxy(sqld.url, () => {
    calls += 1;
    return undefined;
  });
  onTestFinished(() => proxy.close());
  const store = await openQueue({ url: proxy.url });
  onTestFinished(() => store.close());
  const queue = await openTestQueue({}, store);
  const agent = await queue.agent('rack', ['emulator']);
  const count = async <T>(work: Promise<T>): Promise<[result: T, calls: number]> => {
    const before = calls;
    const result = await work;
    return [result, calls - before];
  };

  const [, submit] = await count(queue.submit({ tests: ['a', 'b'] }, 'key'));
  const [lease, take] = await count(agent.mustTake());
  const jobId = lease.jobs[0]?.job_id ?? '';
  const ref = { leaseId: lease.lease_id, jobId, attempt: 1 };
  const [, start] = await count(startAttempt(queue.deps, everyone, ref));
  const tests = [{ name: 'opens', status: 'passed' as const, duration_ms: 5 }];
  const passed = FinishJob.parse({ attempt: 1, verdict: 'passed', duration_ms: 5, tests });
  const [, finish] = await count(finishAttempt(queue.deps, everyone, ref, passed));
  const renewal = { agentId: agent.agentId, bootId: 'boot-of-rack', leaseIds: [lease.lease_id] };
  const [, renew] = await count(renewLeases(queue.deps, everyone, renewal));
  const [, heartbeat] = await count(readHeartbeat(queue.deps, everyone, renewal));
  expect({ submit, take, start, finish, renew, heartbeat }).toEqual({
    ...{ submit: 2, take: 4, start: 2, finish: 2, renew: 2, heartbeat: 1 },
  });
});
