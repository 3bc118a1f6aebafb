import type { Client } from '../../client/index.ts';
import { formatDuration } from '../../protocol/durations.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import type { Why } from '../../protocol/shapes/why.ts';
import { isFinal } from '../../protocol/states.ts';
import { readDeviceNames } from '../fleet/device-names.ts';
import type { LiveView } from '../live/live-lines.ts';

/** How often the queue is asked, in ms, and the devices where one is not known by name. */
const askEveryMs = 5000;

/** What a live view shows beside counts. Only on a terminal does it ask the server. */
export class LiveFacts {
  readonly #client: Client;
  readonly #open = new Map<string, Job>();
  readonly #names = new Map<string, string>();
  #slowest: Job | undefined;
  #queue: string | undefined;
  #askAt = 0;

  constructor(client: Client) {
    // One that fails is no trouble: the next one comes soon.
    this.#client = client.with({ forMs: 0 });
  }

  set(job: Job): void {
    if (!isFinal(job.status)) return void this.#open.set(job.job_id, job);
    this.#open.delete(job.job_id);
    if ((job.duration_ms ?? 0) > (this.#slowest?.duration_ms ?? 0)) this.#slowest = job;
  }

  get view(): Pick<LiveView, 'running' | 'slowest' | 'queue' | 'nameOf'> {
    return {
      running: this.#running,
      slowest: this.#slowest,
      queue: this.#running.length === 0 ? this.#queue : undefined,
      nameOf: (id) => this.#names.get(id),
    };
  }

  /** Asks for what is not known, now and then, without a wait. */
  ask(): void {
    if (performance.now() < this.#askAt) return;
    this.#askAt = performance.now() + askEveryMs;
    const isUnnamed = this.#running.some(({ device_id: id }) => id !== null && !this.#names.has(id));
    if (isUnnamed) void this.#askNames().catch(() => undefined);
    const [first] = this.#open.values();
    if (first && this.#running.length === 0) void this.#askQueue(first.job_id).catch(() => undefined);
  }

  get #running(): Job[] {
    return [...this.#open.values()].filter(({ status }) => status === 'running');
  }

  async #askNames(): Promise<void> {
    for (const [id, name] of await readDeviceNames(this.#client)) this.#names.set(id, name);
  }

  async #askQueue(id: string): Promise<void> {
    this.#queue = queueWords(await this.#client.call('explainJob', { params: { id } }));
  }
}

/** `number 3 in its queue, should start in about 2m`, or what blocks it or makes it wait longer. */
export function queueWords({
  position,
  starts_in_ms: ms,
  blocked_by: [block],
  notes: [note] = [],
}: Why): string {
  const place = position === null ? 'waiting' : `number ${position} in its queue`;
  const start = ms === null ? '' : `, should start in about ${formatDuration(ms)}`;
  const why = block?.message ?? note;
  return `${place}${start}${why === undefined ? '' : `: ${why}`}`;
}
