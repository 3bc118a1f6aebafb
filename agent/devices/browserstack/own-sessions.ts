import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedAttempt } from '../recording.ts';
import type { StackApi } from './api/call.ts';
import { hasEnded, type Session } from './api/session.ts';
import { findSessions } from './find-sessions.ts';
import type { LeaseSessions } from './lease-sessions.ts';
import { buildNameOf, markOfAttempt, markOfLease } from './session-names.ts';

export interface SearchParts {
  readonly api: StackApi;
  readonly attempt: RecordedAttempt;
  /** Those of its lease on this slot. */
  readonly sessions: LeaseSessions;
  /** How long all looks of one kind may take. In ms. */
  readonly endMs: number;
  /** Before each further look. In ms. */
  readonly findMs: readonly number[];
}

/** Finds the sessions that an attempt has used: its own, or one that an attempt before it has taken. */
export class OwnSessions {
  readonly #parts: SearchParts;
  /** Ended before it began: it cannot have used them. */
  readonly #before: Set<string>;
  /** They ran when it began. */
  readonly #running = new Set<string>();
  readonly #begun: Promise<void>;
  #first: Promise<Session[]> | undefined;
  #shared: Session | undefined;
  /** One of an attempt before it, of which is not known whether it ended before it began. */
  #perhaps: Session | undefined;

  constructor(parts: SearchParts) {
    this.#parts = parts;
    this.#before = new Set(parts.sessions.ended);
    // The first attempt shares with nobody.
    const isFirst = parts.sessions.attempts === 0;
    parts.sessions.attempts += 1;
    this.#begun = isFirst ? Promise.resolve() : this.#lookAtBegin().catch(() => undefined);
  }

  /** One that an attempt before it has taken, and that it has used too; undefined: there is none, or not yet. */
  get shared(): Session | undefined {
    return this.#shared;
  }

  /** A part of the names of the sessions that no other attempt uses. */
  get mark(): string {
    return markOfAttempt(this.#parts.attempt.jobId, this.#parts.attempt.attempt);
  }

  /** What the first look after its end finds that nobody has taken; to be called after its end. Errors: as findSessions. */
  first(): Promise<Session[]> {
    this.#first ??= this.#begun.then(() => this.#look(AbortSignal.timeout(this.#parts.endMs)));
    return this.#first;
  }

  /**
   * The same with further looks: BrowserStack may list a session a moment late, or be away for a moment. Empty also where it
   * shares one.
   */
  async find(signal: AbortSignal): Promise<Session[]> {
    let found = this.first();
    for (const ms of this.#parts.findMs) {
      const seen = await found.catch(() => []);
      if (seen.length > 0 || this.#shared) return seen;
      await sleep(ms, undefined, { signal });
      found = this.#look(signal);
    }
    const seen = await found;
    if (seen.length === 0) this.#shared ??= this.#perhaps;
    return seen;
  }

  async #lookAtBegin(): Promise<void> {
    for (const session of await this.#list(AbortSignal.timeout(this.#parts.endMs))) {
      if (!hasEnded(session)) this.#running.add(session.hashed_id);
      // After its end that would say nothing.
      else if (this.#first === undefined) this.#before.add(session.hashed_id);
    }
  }

  async #look(signal: AbortSignal): Promise<Session[]> {
    const { sessions, attempt } = this.#parts;
    const found = await this.#list(signal);
    const own = found.filter(({ hashed_id }) => !sessions.taken.has(hashed_id));
    for (const { hashed_id } of own) sessions.taken.add(hashed_id);
    if (own.length > 0) return own;
    const others = found.filter(
      ({ hashed_id, name }) => name?.includes(markOfLease(attempt.leaseId)) && !this.#before.has(hashed_id),
    );
    // One that has ended may have done so before the attempt, whose own session may not be listed yet.
    this.#shared = others.find((one) => !hasEnded(one) || this.#running.has(one.hashed_id));
    [this.#perhaps] = others;
    return own;
  }

  async #list(signal: AbortSignal): Promise<Session[]> {
    const { api, attempt, sessions } = this.#parts;
    const found = await findSessions(api, {
      build: buildNameOf(attempt),
      marks: [this.mark, markOfLease(attempt.leaseId)],
      leaseId: attempt.leaseId,
      signal,
    });
    // Attempts that begin later must know it.
    for (const session of found) if (hasEnded(session)) sessions.ended.add(session.hashed_id);
    return found;
  }
}
