import type { Deps } from '../store/deps.ts';
import { agentWasRevoked } from '../store/live-token.ts';
import { expireLease } from './expire-lease.ts';

const leasesPerRead = 100;

/**
 * Ends the live leases of agents whose token was revoked at or after `since` (epoch ms): whoever had it must not report for
 * the rest of their time. A lease that another server gave out meanwhile is found by the next look. Answers how many.
 * SEARCH tokens USING INDEX tokens_revoked, agents USING INDEX agents_token, leases USING INDEX leases_agent.
 */
export async function endLeasesOfRevoked(deps: Deps, since: number): Promise<number> {
  let ended = 0;
  for (let before = -1; ended > before; ) {
    before = ended;
    const found = await deps.sql.read(
      `SELECT l.id FROM tokens t CROSS JOIN agents a ON a.token_id = t.id CROSS JOIN leases l ON l.agent_id = a.id
       WHERE t.revoked_at >= ?1 AND l.state = 'active' LIMIT ?2`,
      [since, leasesPerRead],
    );
    for (const { id } of found)
      if (await expireLease(deps, { leaseId: String(id), why: agentWasRevoked })) ended += 1;
  }
  return ended;
}
