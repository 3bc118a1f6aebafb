import { QgjobError } from '../../protocol/errors.ts';
import type { Lease, TakeLease } from '../../protocol/shapes/agent.ts';
import type { Deps } from './deps.ts';
import type { AgentCaller } from './find-agent.ts';
import { type Ask, type Asker, findAskers } from './find-askers.ts';
import { type Plan, type PlannedLease, planLeases } from './plan-leases.ts';
import { readLeases } from './read-lease.ts';
import { takeStatements } from './take-sql.ts';
import { fulfilled, type ManyVerb, rejected } from './together.ts';

// Another server was quicker, or more lies behind what was looked at.
const roundsPerCall = 4;

/**
 * Leases a few queued jobs of one group to a free device under the id that its agent chose. The same id again answers
 * the same lease while it lives. Undefined when there is nothing for the device. Devices that ask in one turn share the
 * choice's reads and a commit.
 * Errors: `not_found` (device, foreign lease), `replaced`, `lease_lost` (the id's lease has ended), `conflict` with
 * `details.lease_id` (the device has a live lease of another id).
 */
export function takeLease(deps: Deps, caller: AgentCaller, input: TakeLease): Promise<Lease | undefined> {
  return deps.together.run(deps, takeMany, { caller, input });
}

const takeMany: ManyVerb<Ask, Lease | undefined> = async (deps, all) => {
  const answers = new Map<Ask, PromiseSettledResult<Lease | undefined>>();
  for (let open = all; open.length > 0; open = open.filter((ask) => !answers.has(ask))) {
    // One ask of a device at a time: a second one has to see what became of the first.
    const firsts = new Map(open.toReversed().map((ask) => [ask.input.device_id, ask]));
    await answerAsks(deps, [...firsts.values()].reverse(), answers);
  }
  return all.map((ask) => answers.get(ask) ?? fulfilled(undefined));
};

async function answerAsks(
  deps: Deps,
  asks: readonly Ask[],
  answers: Map<Ask, PromiseSettledResult<Lease | undefined>>,
): Promise<void> {
  const found = await findAskers(deps, asks);
  const free = found.flatMap((one) => ('asker' in one && one.isFree ? [one.asker] : []));
  const known = found.flatMap((one) => ('leaseId' in one ? [one.leaseId] : []));
  const leases = new Map([...(await leaseOut(deps, free)), ...(await readLeases(deps, known))]);
  for (const [index, ask] of asks.entries()) {
    const one = found[index];
    answers.set(ask, one instanceof QgjobError ? rejected(one) : fulfilled(leases.get(ask.input.lease_id)));
  }
}

/** Leases out to devices of any pools what they should have, by the lease ids that they asked under. */
async function leaseOut(deps: Deps, askers: readonly Asker[]): Promise<Map<string, Lease>> {
  const leases = new Map<string, Lease>();
  for (let n = 0, open = askers; n < roundsPerCall && open.length > 0; n += 1) {
    const byPool = Map.groupBy(open, (asker) => asker.poolId);
    const plans: Plan[] = [];
    for (const [poolId, own] of byPool) plans.push(await planLeases(deps, poolId, own));
    const planned = plans.flatMap((plan) => plan.leases);
    const made = await writeLeases(deps, planned);
    for (const [id, lease] of made) leases.set(id, lease);
    if (made.size === planned.length && (planned.length === 0 || !plans.some((plan) => plan.isCut))) break;
    open = open.filter((asker) => !leases.has(asker.leaseId));
  }
  return leases;
}

/** Takes what was planned; answers the leases that came to be, by id. */
export async function writeLeases(deps: Deps, planned: readonly PlannedLease[]): Promise<Map<string, Lease>> {
  if (planned.length === 0) return new Map();
  await deps.gate.write(takeStatements(deps, planned));
  return readLeases(
    deps,
    planned.map(({ asker }) => asker.leaseId),
  );
}
