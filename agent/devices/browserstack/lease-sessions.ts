import type { RecordedResult } from '../recording.ts';
import type { StackApi } from './api/call.ts';
import { type Judgement, judgeSession } from './api/judge-session.ts';

const longestReason = 200;

/** The sessions of one lease. Several of its attempts may share one, which passes where none of them failed. */
export class LeaseSessions {
  readonly leaseId: string;
  /** Those that an attempt has taken: it keeps their files. By id, as all here. */
  readonly taken = new Set<string>();
  /** Those of which it was seen that they have ended. */
  readonly ended = new Set<string>();
  /** How many attempts of it have begun. */
  attempts = 0;
  /** The worst that an attempt has said of each. */
  readonly #said = new Map<string, Judgement>();
  /** What was told of each that is ours to judge; undefined: nothing yet. */
  readonly #told = new Map<string, Judgement['status'] | undefined>();
  #lastCall: Promise<unknown> = Promise.resolve();

  constructor(leaseId: string) {
    this.leaseId = leaseId;
  }

  /** How an attempt with this session ended. A cancelled one says nothing of it. */
  note(id: string, { verdict, error }: RecordedResult): void {
    if (verdict === 'cancelled' || this.#said.get(id)?.status === 'failed') return;
    const reason = verdict === 'passed' ? 'passed' : (error?.split('\n', 1)[0] ?? verdict);
    const status = verdict === 'passed' ? 'passed' : 'failed';
    this.#said.set(id, { status, reason: reason.slice(0, longestReason) });
  }

  /** It has ended, and nobody else has judged it. */
  mayJudge(id: string): void {
    if (!this.#told.has(id)) this.#told.set(id, undefined);
  }

  /** Tells BrowserStack the worst that is known of it, unless it was told so. Errors: StackError. */
  judge(api: StackApi, id: string): Promise<void> {
    // One after the other: a pass must not overtake a failure.
    const call = this.#lastCall.then(() => this.#judge(api, id));
    this.#lastCall = call.catch(() => undefined);
    return call;
  }

  async #judge(api: StackApi, id: string): Promise<void> {
    const said = this.#said.get(id);
    if (said === undefined || !this.#told.has(id) || this.#told.get(id) === said.status) return;
    await judgeSession(api, id, said);
    this.#told.set(id, said.status);
  }
}
