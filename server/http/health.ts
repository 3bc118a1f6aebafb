import { toInstantOrNull } from '../queue/store/to-wire.ts';
import type { Handlers, HttpDeps } from './handler.ts';

type HealthRoutes = 'readMetrics' | 'health' | 'healthLive' | 'healthReady' | 'healthDetailed';

async function ready({ health, wakeUps, version }: HttpDeps) {
  const { isWritable } = await health();
  const isReady = isWritable && !wakeUps.stopped;
  return {
    status: isReady ? 200 : 503,
    answer: { status: isReady ? ('ok' as const) : ('unavailable' as const), version },
  };
}

export const healthHandlers: Pick<Handlers, HealthRoutes> = {
  /** The operator and a shared read token see all of it, the token of an org the figures of that org. */
  async readMetrics({ metrics }, { principal: { isOperator, orgId } }) {
    const isForAll = isOperator || orgId === undefined;
    const text = await (isForAll ? metrics.text() : metrics.textOfOrg(orgId));
    return {
      status: 200,
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
      chunks: oneChunk(new TextEncoder().encode(text)),
    };
  },

  health: ready,
  healthReady: ready,
  healthLive: ({ version }) => ({ status: 'ok', version }),

  async healthDetailed({ health, version }) {
    const { isWritable, error, uptimeMs, loops } = await health();
    return {
      status: isWritable ? 'ok' : 'unavailable',
      version,
      uptime_ms: uptimeMs,
      database: { status: isWritable ? 'ok' : 'unavailable', ...(error !== undefined && { error }) },
      loops: Object.fromEntries(
        Object.entries(loops).map(([name, state]) => [
          name,
          { last_run_at: toInstantOrNull(state.lastRunAt), last_error: state.lastError },
        ]),
      ),
    };
  },
};

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
