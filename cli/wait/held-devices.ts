import type { Client } from '../../client/index.ts';
import { oneLine } from '../../protocol/clean-text.ts';
import type { Borrow } from '../../protocol/shapes/borrow.ts';
import { clockOf } from '../borrow/clock-of.ts';

/** Tells of devices that are held after failed jobs of a run (`submit --hold`), each once. */
export class HeldDevices {
  readonly #client: Client;
  readonly #say: (line: string) => void;
  readonly #told = new Set<string>();
  /** Runs that hold nothing: a device is held in the commit of the first failure. */
  readonly #without = new Set<string>();
  #looks: Promise<unknown> = Promise.resolve();

  constructor(client: Client, say: (line: string) => void) {
    this.#client = client;
    this.#say = say;
  }

  /** Looks after a job of the run has failed. */
  look(runId: string): void {
    this.#looks = this.#looks.then(() => this.#look(runId));
  }

  /** All looks are over. */
  settled(): Promise<unknown> {
    return this.#looks;
  }

  /** A server that does not answer this costs no verdict. */
  async #look(runId: string): Promise<void> {
    if (this.#without.has(runId)) return;
    const { borrows } = await this.#client
      .call('listBorrows', { query: { run_id: runId } })
      .catch(() => ({ borrows: [] as Borrow[] }));
    if (borrows.length === 0) this.#without.add(runId);
    for (const borrow of borrows) {
      if (borrow.status !== 'active' || this.#told.has(borrow.borrow_id)) continue;
      this.#told.add(borrow.borrow_id);
      this.#say(wordsOf(borrow));
    }
  }
}

function wordsOf({ device, target, borrowed_until: until, note }: Borrow): string {
  const name = oneLine(device?.name ?? target);
  const why = note === null ? '' : `, ${oneLine(note)}`;
  return `qgjob: ${name} on ${oneLine(device?.agent ?? '?')} is yours until ${until === null ? '?' : clockOf(until)}${why}; give it back with \`qgjob devices return ${name}\``;
}
