import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Provider } from '../../../protocol/shapes/job.ts';
import type { RecordedAttempt, RecordedResult, Recording } from '../recording.ts';
import type { StackApi } from './api/call.ts';
import { endSession } from './api/end-session.ts';
import { readSession } from './api/read-session.ts';
import { hasEnded, isUnjudged, type Session } from './api/session.ts';
import { keepSessionFiles } from './keep-session-files.ts';
import type { LeaseSessions } from './lease-sessions.ts';
import { OwnSessions } from './own-sessions.ts';

/** How patient it is with BrowserStack. In ms. */
export interface Patience {
  /** For all. */
  readonly endMs: number;
  /** Before each further look for the sessions of an attempt. */
  readonly findMs: readonly number[];
  /** Before each further look whether a session has ended, or a file is there; the last one repeats. */
  readonly pausesMs: readonly number[];
}

export const defaultPatience: Patience = {
  endMs: 180_000,
  findMs: [1000, 3000],
  pausesMs: [1000, 2000, 4000, 8000, 15_000],
};

export interface RecordingParts {
  readonly api: StackApi;
  readonly attempt: RecordedAttempt;
  readonly patience: Patience;
  /** Those of its lease on this slot. */
  readonly sessions: LeaseSessions;
  /** Sessions of processes that may go on with them, each with its lease. */
  readonly open: Map<string, string>;
  /** Called when no session of it runs any more, as far as that can be seen; maybe more than once. */
  readonly over: () => void;
}

/** The sessions of an attempt at BrowserStack: after its end they are ended, judged, and their files fetched. */
export class SessionRecording implements Recording {
  readonly #parts: RecordingParts;
  readonly #ended = Promise.withResolvers<void>();
  readonly #own: OwnSessions;
  readonly endMs: number;

  constructor(parts: RecordingParts) {
    this.#parts = parts;
    this.endMs = parts.patience.endMs;
    this.#own = new OwnSessions({ ...parts, ...parts.patience });
  }

  provider = async (): Promise<Provider | undefined> => {
    await this.#ended.promise;
    const [session = this.#own.shared] = await this.#own.first();
    if (!session) return undefined;
    const url = URL.canParse(session.browser_url ?? '') ? new URL(session.browser_url ?? '') : undefined;
    // What stands behind the address may be a token.
    return {
      name: 'browserstack',
      session_id: session.hashed_id,
      url: url ? `${url.origin}${url.pathname}` : '',
    };
  };

  async end(result: RecordedResult): Promise<void> {
    this.#ended.resolve();
    await this.#end(result).finally(this.#parts.over);
  }

  async #end(result: RecordedResult): Promise<void> {
    const signal = AbortSignal.timeout(this.endMs);
    const { api, sessions: known } = this.#parts;
    const sessions = await this.#own.find(signal);
    for (const { hashed_id } of sessions) known.note(hashed_id, result);
    const { shared } = this.#own;
    if (shared) {
      known.note(shared.hashed_id, result);
      return known.judge(api, shared.hashed_id);
    }
    if (sessions.length === 0 && known.taken.size === 0 && result.verdict !== 'cancelled')
      throw new Error(
        'no session of it was found at BrowserStack: does the suite name its session by QGJOB_BROWSERSTACK_SESSION, and its build by QGJOB_BROWSERSTACK_BUILD?',
      );
    const ends = sessions.map((session) => this.#untilEnded(session, signal));
    // Its files come later.
    void Promise.allSettled(ends).then(this.#parts.over);
    const problems = await Promise.all(
      sessions.map((session, at) => {
        const folder =
          sessions.length === 1
            ? this.#parts.attempt.folder
            : join(this.#parts.attempt.folder, session.hashed_id);
        return this.#settle(session, ends[at], folder, signal).catch((error: Error) => [error.message]);
      }),
    );
    if (problems.flat().length > 0) throw new Error(`BrowserStack: ${problems.flat().join('; ')}`);
  }

  /** Answers what is missing. */
  async #settle(
    { hashed_id }: Session,
    ended: Promise<Session | undefined> | undefined,
    folder: string,
    signal: AbortSignal,
  ): Promise<string[]> {
    const { api, patience, sessions } = this.#parts;
    const session = await ended;
    if (session === undefined) return [`session ${hashed_id} has not ended`];
    if (isUnjudged(session)) sessions.mayJudge(hashed_id);
    await sessions.judge(api, hashed_id);
    const missing = await keepSessionFiles(api, session, { folder, pausesMs: patience.pausesMs, signal });
    return missing.length === 0 ? [] : [`${missing.join(', ')} of session ${session.hashed_id} did not come`];
  }

  /**
   * A session that is of this attempt alone and still runs is ended: who opened it is gone. One of a process with several
   * tests may be used by the next. Undefined: it has no end in time.
   */
  async #untilEnded(found: Session, signal: AbortSignal): Promise<Session | undefined> {
    const { api, patience, open, attempt, sessions } = this.#parts;
    if (hasEnded(found)) return found;
    if (found.name?.includes(this.#own.mark)) await endSession(api, found.hashed_id, { signal });
    else open.set(found.hashed_id, attempt.leaseId);
    for (let tried = 0; !signal.aborted; tried += 1) {
      const session = await readSession(api, found.hashed_id, { signal }).catch(() => undefined);
      if (session && hasEnded(session)) {
        open.delete(found.hashed_id);
        sessions.ended.add(found.hashed_id);
        return session;
      }
      const ms = patience.pausesMs[Math.min(tried, patience.pausesMs.length - 1)] ?? 0;
      await sleep(ms, undefined, { signal }).catch(() => undefined);
    }
    return undefined;
  }
}
