import { endBorrow, grantBorrows, requestBorrow } from '../../server/queue/borrows/index.ts';
import { takeAs } from './lease-operations.ts';
import type { Model } from './model.ts';
import type { Operation } from './operation.ts';
import { agentNames } from './register.ts';
import { orgs, orRefusal, server } from './submit.ts';

const target = 'emulator';

const agentOf = (model: Model, agent: number) =>
  model.agents.findLast((one) => one.name === agentNames[agent]);

/** A device, or any one of the target. */
export async function borrow(model: Model, op: Extract<Operation, { do: 'borrow' }>): Promise<void> {
  const orgId = orgs[op.org] ?? 'acme';
  const device = agentOf(model, op.agent)?.deviceIds[op.device];
  const body = { minutes: op.minutes, ...(device === undefined ? { target } : { device_id: device }) };
  await requestBorrow(model.deps, { orgId, body, tokenId: 'none' }).catch(orRefusal);
  const pools = await model.deps.sql.read('SELECT id FROM pools');
  await Promise.all(pools.flatMap(({ id }) => [0, 1].map((n) => grantBorrows(server(model, n), Number(id)))));
}

export async function giveBack({ deps }: Model, op: Extract<Operation, { do: 'return' }>): Promise<void> {
  const open = await deps.sql.read(
    `SELECT id FROM borrows WHERE status <> 'ended' ORDER BY requested_at, id`,
  );
  const one = open[op.borrow % Math.max(1, open.length)];
  if (one) await endBorrow(deps, String(one.id), { orgId: undefined });
}

/** By two servers: of the lease and the borrow one is refused. */
export async function borrowRace(
  model: Model,
  { agent, device, server: at }: Extract<Operation, { do: 'borrow-race' }>,
): Promise<void> {
  const one = agentOf(model, agent);
  const deviceId = one?.deviceIds[device];
  if (!one || deviceId === undefined) return;
  const body = { minutes: 10, device_id: deviceId };
  const [lease] = await Promise.all([
    takeAs(server(model, at), one, device, `lease-${model.next()}`).catch(orRefusal),
    requestBorrow(server(model, 1 - at), { orgId: undefined, body, tokenId: 'none' }).catch(orRefusal),
  ]);
  if (lease && !('refused' in lease)) model.leases.push({ lease, agent: one, device });
}
