import { Connection } from './connection.ts';

/** Calls `work` `times` times, `inFlight` at a time. */
export async function inParallel(
  times: number,
  inFlight: number,
  work: (lane: number, n: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const run = async (lane: number): Promise<void> => {
    while (next < times) {
      const n = next;
      next += 1;
      await work(lane, n);
    }
  };
  await Promise.all(Array.from({ length: Math.min(times, inFlight) }, (_, lane) => run(lane)));
}

/** Connections to servers, in turns, opened as they are needed. */
export class Connections {
  readonly #urls: readonly string[];
  readonly #open: Connection[] = [];

  constructor(urls: readonly string[]) {
    this.#urls = urls;
  }

  async take(count: number): Promise<readonly Connection[]> {
    while (this.#open.length < count) {
      const url = this.#urls[this.#open.length % this.#urls.length] ?? '';
      this.#open.push(await Connection.open(url));
    }
    return this.#open.slice(0, count);
  }

  close(): void {
    for (const one of this.#open) one.close();
  }
}

/**
 * Sends submits of one job each, each with an idempotency key, as the CLI does. Used for our server and for the floor.
 */
export async function submitJobs(
  connections: readonly Connection[],
  jobs: number,
  { authorization, body }: { authorization: string; body: (n: number) => string },
): Promise<void> {
  await inParallel(jobs, connections.length, async (lane, n) => {
    const headers = `${authorization}idempotency-key: ${crypto.randomUUID()}\r\n`;
    const answer = await (connections[lane] as Connection).send('POST', '/v1/jobs', headers, body(n));
    if (answer.status !== 201) throw new Error(`a submit was answered ${answer.status}: ${answer.text}`);
  });
}

/** Body of a submit: one of `kinds` test files of one app version. */
export const submitBody =
  (target: string, kinds = 5000) =>
  (n: number): string =>
    JSON.stringify({ app_version_id: 'v1.0.0', test_path: testPath(n % kinds), target, priority: 5 });

export const testPath = (n: number): string => `tests/shop/checkout-${String(n).padStart(5, '0')}.spec.ts`;
