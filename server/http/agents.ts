import type { HeartbeatAnswer } from '../../protocol/shapes/agent.ts';
import { beatHeart, readHeartbeat } from '../queue/beat-heart.ts';
import { listAgents, listDevices, listGroups } from '../queue/list-fleet.ts';
import { patchAgent } from '../queue/patch-agent.ts';
import { patchDevice } from '../queue/patch-device.ts';
import { readStats } from '../queue/read-stats.ts';
import { registerAgent } from '../queue/register-agent.ts';
import { agentCallerOf, type Handlers, param, viewerOf } from './handler.ts';
import { HeartbeatNews } from './heartbeat-news.ts';
import { hold } from './hold.ts';

type AgentRoutes =
  | 'registerAgent'
  | 'heartbeat'
  | 'listAgents'
  | 'patchAgent'
  | 'listDevices'
  | 'patchDevice'
  | 'listGroups'
  | 'getStats';

/** Handlers of one server; what each agent was told is kept here, in memory. */
export function createAgentHandlers(): Pick<Handlers, AgentRoutes> {
  const news = new HeartbeatNews();
  return {
    registerAgent: ({ queue }, { principal, body }) => registerAgent(queue, principal.orgId ?? '', body),

    async heartbeat({ queue, bell }, call) {
      const caller = agentCallerOf(call.principal);
      const { boot_id: bootId, leases: leaseIds, wait_ms: waitMs } = call.body;
      const beat = { agentId: param(call, 'id'), bootId, leaseIds };
      await beatHeart(queue, caller, beat);
      const look = () => readHeartbeat(queue, caller, beat);
      const isNews = (answer: HeartbeatAnswer) => news.has(bootId, answer);
      const answer = await hold(bell, `agent:${beat.agentId}`, { ...call, waitMs }, look, isNews);
      if (!call.signal.aborted) news.told(bootId, answer);
      return answer;
    },

    async listAgents({ queue }, { principal, query }) {
      const { rows, nextCursor } = await listAgents(queue, query, viewerOf(principal, query.org_id));
      return { agents: rows, next_cursor: nextCursor };
    },

    patchAgent: ({ queue }, call) =>
      patchAgent(queue, param(call, 'id'), call.body, viewerOf(call.principal)),

    async listDevices({ queue }, { principal, query }) {
      const { rows, nextCursor } = await listDevices(queue, query, viewerOf(principal, query.org_id));
      return { devices: rows, next_cursor: nextCursor };
    },

    patchDevice: ({ queue }, call) =>
      patchDevice(queue, param(call, 'id'), call.body, viewerOf(call.principal)),

    async listGroups({ queue }, { principal, query }) {
      const { rows, nextCursor } = await listGroups(queue, query, viewerOf(principal, query.org_id));
      return { groups: rows, next_cursor: nextCursor };
    },

    getStats: ({ queue }, { principal, query }) => readStats(queue, viewerOf(principal, query.org_id)),
  };
}
