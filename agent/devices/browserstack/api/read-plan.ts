import * as z from 'zod';
import { call, type StackApi } from './call.ts';

const count = z.number().int().min(0);

const PlanAnswer = z.object({
  parallel_sessions_running: count,
  parallel_sessions_max_allowed: count,
  team_parallel_sessions_max_allowed: count.optional(),
  queued_sessions: count.default(0),
});

/** The parallel sessions of an account, those of other machines too. */
export interface Plan {
  readonly running: number;
  readonly max: number;
  /** Sessions that wait at BrowserStack for others to end. */
  readonly queued: number;
}

/** `GET /plan.json`. Errors: StackError. */
export async function readPlan(api: StackApi): Promise<Plan> {
  const plan = await call(api, '/plan.json', PlanAnswer);
  const own = plan.parallel_sessions_max_allowed;
  return {
    running: plan.parallel_sessions_running,
    max: Math.min(own, plan.team_parallel_sessions_max_allowed ?? own),
    queued: plan.queued_sessions,
  };
}
