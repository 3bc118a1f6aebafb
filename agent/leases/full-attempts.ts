/** So many attempts of a job in a row may find its provider full. What is full for longer may be so for ever. */
const mostInARow = 2;
/** Of so many jobs it is known, the latest ones. */
const mostJobs = 1000;

/** How often in a row the attempts of each job, on this agent, have found their provider full. */
export class FullAttempts {
  readonly #counts = new Map<string, number>();

  /** An attempt of the job has found it full. False: once too often, it is to count as a failure. */
  mayWait(jobId: string): boolean {
    const count = (this.#counts.get(jobId) ?? 0) + 1;
    this.#counts.delete(jobId);
    this.#counts.set(jobId, count);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > mostJobs && oldest !== undefined) this.#counts.delete(oldest);
    return count <= mostInARow;
  }

  /** An attempt of the job has ended in another way. */
  forget(jobId: string): void {
    this.#counts.delete(jobId);
  }
}
