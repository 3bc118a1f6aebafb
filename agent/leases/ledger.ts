import type { Uncounted } from './report-verdict.ts';

/** What was done for a lease and no verdict has reported yet. */
export class Ledger {
  installs: number;
  serves = 0;

  constructor(installs: number) {
    this.installs = installs;
  }

  /** From here on it counts as reported. */
  take(): Uncounted {
    const { installs, serves } = this;
    this.installs = 0;
    this.serves = 0;
    return { installs, serves };
  }
}
