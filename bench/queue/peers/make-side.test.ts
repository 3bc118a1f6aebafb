import { expect, test } from 'vitest';
import { makeSide, type Payload, type Peer } from './make-side.ts';

/** A queue in memory. `order` turns the queued jobs into the list that its worker handles. */
class ListPeer implements Peer {
  readonly about = { version: '1', durability: 'none', settings: 'none' };
  readonly #order: (jobs: readonly Payload[]) => readonly Payload[];
  #jobs: Payload[] = [];
  #work: ((n: number) => void) | undefined;

  constructor(order: (jobs: readonly Payload[]) => readonly Payload[] = (jobs) => jobs) {
    this.#order = order;
  }

  add(job: Payload): void {
    this.addAll([job]);
  }

  addAll(jobs: readonly Payload[]): void {
    this.#jobs.push(...jobs);
    this.#handleAll();
  }

  async work(handle: (n: number) => void) {
    this.#work = handle;
    this.#handleAll();
    return {
      settle: async () => undefined,
      stop: async () => {
        this.#work = undefined;
      },
    };
  }

  async countLeft(): Promise<number> {
    return this.#jobs.length;
  }

  async empty(): Promise<void> {
    this.#jobs = [];
  }

  async close(): Promise<void> {}

  #handleAll(): void {
    if (!this.#work) return;
    for (const { n } of this.#order(this.#jobs.splice(0))) this.#work(n);
  }
}

test('a queue that handles each job once goes through all phases', async () => {
  const side = await makeSide(new ListPeer());
  await side.submit(30, 4);
  await side.submitBulk(20);
  await side.drain(50);
  await side.reset();
  expect(await side.pickup(3)).toHaveLength(3);
  await side.submit(5, 1);
  await side.reset();
  await side.close();
});

test('a drain in which a job is handled twice is refused', async () => {
  const side = await makeSide(new ListPeer((jobs) => [...jobs.slice(0, 1), ...jobs]));
  await side.submitBulk(10);
  await expect(side.drain(10)).rejects.toThrow('job 0 was handled twice');
});

test('a job handled after the end of its drain is refused by the next phase', async () => {
  const side = await makeSide(new ListPeer());
  await side.submitBulk(11);
  await side.drain(10);
  await expect(side.reset()).rejects.toThrow('11 jobs of 10 were handled');
});

test('a queue with more jobs than it should have is refused', async () => {
  const peer = new ListPeer();
  const side = await makeSide(peer);
  await side.submit(5, 1);
  peer.add({ n: 99, app_version_id: 'v1.0.0', test_path: 'a', target: 'emulator' });
  await expect(side.reset()).rejects.toThrow('6 jobs are left, not 5');
});
