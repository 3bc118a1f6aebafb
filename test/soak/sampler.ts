import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { sizeOf } from '../../server/blobs/folder/folder-jobs.ts';
import type { Lab } from '../faults/lab.ts';
import type { Lives } from './lives.ts';
import type { Sample } from './sample.ts';
import { readSeries, type Series } from './series-of-metrics.ts';
import { readMemory, type Soak } from './soak-lab.ts';

const answerMs = 3000;
/** The folder of all files is large: it is walked this rarely. */
const blobsEvery = 8;

/** Looks at the server every few seconds until `stop`. While the server is away, there is nothing to see. */
export async function takeSamples(
  soak: Soak,
  lives: Lives,
  samples: Sample[],
  stop: AbortSignal,
): Promise<void> {
  let blobs = 0;
  for (let n = 0; !stop.aborted; n += 1) {
    if (n % blobsEvery === 0) blobs = await sizeOf(join(soak.lab.dataDir, 'blobs'));
    const { now } = lives;
    const sample = await takeSample(soak, now, blobs).catch(() => undefined);
    if (sample && lives.now === now) samples.push(sample);
    else soak.ledger.count('looks at the server without an answer');
    await sleep(soak.options.sampleSeconds * 1000, undefined, { signal: stop }).catch(() => undefined);
  }
}

async function takeSample({ lab, began }: Soak, life: number, blobs: number): Promise<Sample | undefined> {
  const memory = readMemory(lab);
  const { pid } = lab.server;
  if (memory?.pid !== pid) return undefined;
  const text = await lab.client.with({ forMs: 0 }).call('readMetrics', { timeoutMs: answerMs });
  const series = readSeries(new TextDecoder().decode(text));
  return {
    ...{
      t: (performance.now() - began) / 1000,
      life,
      blobs,
      heap: memory.heapUsed,
      external: memory.external,
    },
    ...readProcess(pid),
    ...readFileSizes(lab),
    ...readGauges(series),
  };
}

/** What the system knows of a process. */
export function readProcess(pid: number): Pick<Sample, 'rss' | 'threads' | 'fds' | 'sockets'> {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const number = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  const fds = readdirSync(`/proc/${pid}/fd`);
  const sockets = fds.filter((fd) => targetOf(`/proc/${pid}/fd/${fd}`).startsWith('socket:'));
  return {
    rss: number('VmRSS') * 1024,
    threads: number('Threads'),
    fds: fds.length,
    sockets: sockets.length,
  };
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}

/** The pages are those of the last commit: the header of the file knows of the last checkpoint alone. */
function readFileSizes({ databaseFile }: Lab): Pick<Sample, 'wal' | 'file' | 'used'> {
  const database = new DatabaseSync(databaseFile, { readOnly: true });
  try {
    const read = (what: string): number => Number(database.prepare(`PRAGMA ${what}`).get()?.[what]);
    return {
      wal: statSync(`${databaseFile}-wal`, { throwIfNoEntry: false })?.size ?? 0,
      file: statSync(databaseFile).size,
      used: read('page_count') - read('freelist_count'),
    };
  } finally {
    database.close();
  }
}

const readGauges = (series: Series) => ({
  heldPolls: series.sum('qgjob_lease_polls_held'),
  queued: series.sum('qgjob_queue_jobs', { state: 'queued' }),
  waiting: series.sum('qgjob_queue_jobs', { state: 'waiting' }),
  leased: series.sum('qgjob_queue_jobs', { state: 'leased' }),
  lagMax: series.sum('nodejs_eventloop_lag_max_seconds'),
});
