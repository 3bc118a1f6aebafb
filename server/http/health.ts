import { toInstantOrNull } from '../queue/store/to-wire.ts';
import type { Handlers, HttpDeps } from './handler.ts';

type HealthRoutes = 'health' | 'healthLive' | 'healthReady' | 'healthDetailed';

async function ready({ health, wakeUps, version }: HttpDeps) {
  const { isWritable } = await health();
  const isReady = isWritable && !wakeUps.stopped;
  return {
    status: isReady ? 200 : 503,
    answer: { status: isReady ? ('ok' as const) : ('unavailable' as const), version },
  };
}

export const healthHandlers: Pick<Handlers, HealthRoutes> = {
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
