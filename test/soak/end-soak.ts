import type { z } from 'zod';
import type { Client } from '../../client/index.ts';
import type { Stats } from '../../protocol/shapes/admin.ts';
import { until } from '../faults/program.ts';
import { readProcess } from './sampler.ts';
import { readSeries, type Series } from './series-of-metrics.ts';
import type { Soak } from './soak-lab.ts';

/** What the API says when all work is done and all agents are gone. */
export interface ApiEnd {
  readonly stats: z.infer<typeof Stats>;
  readonly deadLetters: number;
  readonly devices: number;
  readonly series: Series;
}

const boundMs = 45_000;
/** A few more handles than at the start: a connection of ours, a file that is being read. */
const moreHandles = 6;

/** Handles of a server that nobody calls. */
export const readHandles = ({ lab }: Soak): number => readProcess(lab.server.pid).fds;

/** Waits until the server is at rest: what clients left is closed, and the loops have followed. Answers what is not. */
export async function comeToRest(soak: Soak, handlesAtStart: number): Promise<string[]> {
  const isAtRest = async () => {
    const series = readSeries(await readMetrics(soak.lab.client));
    const isQuiet = ['qgjob_lease_polls_held', 'qgjob_leases_active', 'qgjob_outbox_messages'].every(
      (name) => series.sum(name) === 0,
    );
    const { figures } = await soak.lab.client.call('getStats', { query: { window: '7d' } });
    // A submit without an answer may have made a run: it has ended too, or is found by the audit.
    return (isQuiet && (figures?.jobs ?? 0) >= soak.ledger.jobsEnded()) || undefined;
  };
  const areClosed = () => readHandles(soak) <= handlesAtStart + moreHandles || undefined;
  const problems: string[] = [];
  const note = (error: Error): void => void problems.push(error.message);
  await until(
    'the end of held polls, leases and messages, and figures of all jobs that ended',
    isAtRest,
    boundMs,
  ).catch(note);
  await until(`${handlesAtStart} open handles, as at the start`, areClosed, boundMs).catch((error: Error) =>
    note(new Error(`${error.message}; there are ${readHandles(soak)}`)),
  );
  return problems;
}

const readMetrics = async (client: Client): Promise<string> =>
  new TextDecoder().decode(await client.call('readMetrics'));

export async function readApiEnd({ lab: { client } }: Soak): Promise<ApiEnd> {
  return {
    stats: await client.call('getStats', { query: {} }),
    deadLetters: await countPages(async (cursor) => {
      const { jobs, next_cursor } = await client.call('listDeadLetters', { query: { limit: 500, cursor } });
      return { n: jobs.length, next_cursor };
    }),
    devices: await countPages(async (cursor) => {
      const { devices, next_cursor } = await client.call('listDevices', { query: { limit: 500, cursor } });
      return { n: devices.length, next_cursor };
    }),
    series: readSeries(await readMetrics(client)),
  };
}

async function countPages(
  read: (cursor?: string) => Promise<{ n: number; next_cursor: string | null }>,
): Promise<number> {
  let sum = 0;
  let cursor: string | undefined;
  do {
    const { n, next_cursor } = await read(cursor);
    sum += n;
    cursor = next_cursor ?? undefined;
  } while (cursor !== undefined);
  return sum;
}
