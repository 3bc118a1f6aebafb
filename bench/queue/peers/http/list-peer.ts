import type { HttpPayload, HttpPeer, TakenJob } from './http-peer.ts';

/** A queue in memory, for tests. */
export class ListPeer implements HttpPeer {
  readonly about = { version: '1', durability: 'none', settings: 'none' };
  readonly queued: TakenJob[] = [];
  readonly finished: string[] = [];
  #added = 0;
  #taken = 0;

  add(payload: HttpPayload): string {
    this.#added += 1;
    const id = String(this.#added);
    this.queued.push({ id, payload, handle: undefined });
    return id;
  }

  addAll(payloads: readonly HttpPayload[]): string[] {
    return payloads.map((payload) => this.add(payload));
  }

  take(most: number): readonly TakenJob[] {
    const jobs = this.queued.splice(0, most);
    this.#taken += jobs.length;
    return jobs;
  }

  finish(jobs: readonly TakenJob[]): void {
    this.finished.push(...jobs.map(({ id }) => id));
    this.#taken -= jobs.length;
  }

  countLeft(): number {
    return this.queued.length + this.#taken;
  }

  empty(): void {
    this.queued.length = 0;
  }

  close(): void {}
}
