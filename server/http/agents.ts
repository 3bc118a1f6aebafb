import type { HeartbeatAnswer } from '../../protocol/shapes/agent.ts';
import { viewerOf } from '../calls/viewer-of.ts';
import { readFigures } from '../queue/figures/index.ts';
import {
  listAgents,
  listDevices,
  listGroups,
  patchAgent,
  patchDevice,
  registerAgent,
} from '../queue/fleet/index.ts';
import { readHeartbeat, renewLeases } from '../queue/leases/index.ts';
import { readStats } from '../queue/runs/index.ts';
import { agentCallerOf, type Handlers, param } from './handler.ts';
import { HeartbeatNews } from './heartbeat-news.ts';
import { longPoll } from './long-poll.ts';

type AgentRoutes =
  | 'registerAgent'
  | 'heartbeat'
  | 'listAgents'
  | 'patchAgent'
  | 'listDevices'
  | 'patchDevice'
  | 'listGroups'
  | 'getStats';

/** Handlers of one server; they remember, in memory, the news that each agent has received. */
export function createAgentHandlers(): Pick<Handlers, AgentRoutes> {
  const news = new HeartbeatNews();
  return {
    registerAgent: ({ queue }, { principal, body, by }) => {
      const { orgId = '', tokenId, rootId, isOperator } = principal;
      return registerAgent(queue, orgId, body, { by, ...(!isOperator && { token: { tokenId, rootId } }) });
    },

    async heartbeat({ queue, wakeUps }, call) {
      const caller = agentCallerOf(call.principal);
      const { boot_id: bootId, leases: leaseIds, wait_ms: waitMs } = call.body;
      const heartbeat = { agentId: param(call, 'id'), bootId, leaseIds };
      await renewLeases(queue, caller, heartbeat);
      const read = () => readHeartbeat(queue, caller, heartbeat);
      const isNews = (answer: HeartbeatAnswer) => news.has(bootId, answer);
      const key = `agent:${heartbeat.agentId}` as const;
      const answer = await longPoll(wakeUps, key, { ...call, waitMs }, read, isNews);
      if (!call.signal.aborted) news.sent(bootId, answer);
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

    async getStats({ queue }, { principal, query }) {
      const viewer = viewerOf(principal, query.org_id);
      const stats = await readStats(queue, viewer);
      if (query.window === undefined) return stats;
      const figures = await readFigures(queue, viewer.orgId ?? null, query.window, stats.devices);
      return { ...stats, figures };
    },
  };
}
