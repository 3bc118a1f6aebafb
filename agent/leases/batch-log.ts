import type { BatchAttempt } from './batch-attempt.ts';

/** Of what comes before a test; the end of it is kept. In bytes. */
const mostBefore = 256 * 1024;

/**
 * To which job the output of a process belongs: that of a test to its own, what comes before a test to that one, and
 * what comes after the last one to the last.
 */
export class BatchLog {
  #before: Buffer[] = [];
  #beforeBytes = 0;
  #last: BatchAttempt | undefined;

  begin(attempt: BatchAttempt): void {
    for (const bytes of this.#before) attempt.write(bytes);
    this.#before = [];
    this.#beforeBytes = 0;
    this.#last = attempt;
  }

  write(attempt: BatchAttempt | undefined, bytes: Buffer): void {
    const owner = attempt ?? this.#last;
    if (owner) owner.write(bytes);
    else this.#keep(bytes);
  }

  /** Its log is closed: what no test owns belongs to the next one. */
  end(attempt: BatchAttempt): void {
    if (this.#last === attempt) this.#last = undefined;
  }

  #keep(bytes: Buffer): void {
    this.#before.push(Buffer.from(bytes));
    this.#beforeBytes += bytes.length;
    while (this.#beforeBytes - (this.#before[0]?.length ?? 0) > mostBefore)
      this.#beforeBytes -= this.#before.shift()?.length ?? 0;
  }
}
