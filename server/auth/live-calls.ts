import { QgjobError } from '../../protocol/errors.ts';

/** A call that is open. */
export interface LiveCall {
  /** Aborts once one of its ids has ended; its reason is what the caller is answered. */
  readonly signal: AbortSignal;
  /** The call is over. */
  readonly leave: () => void;
}

/**
 * The calls of this server that are open, by the ids of what they stand on: a token, the session of a browser. With the end
 * of an id its calls end: polls that are held, streams, downloads.
 */
export class LiveCalls {
  readonly #open = new Map<string, Set<AbortController>>();

  enter(ids: readonly string[]): LiveCall {
    const controller = new AbortController();
    for (const id of ids) this.#callsOf(id).add(controller);
    return { signal: controller.signal, leave: () => this.#leave(ids, controller) };
  }

  /** Of tokens and sessions with open calls. */
  ids(): string[] {
    return [...this.#open.keys()];
  }

  /** Ends the calls of tokens and sessions that have ended. */
  end(ids: Iterable<string>): void {
    for (const id of ids) {
      const calls = this.#open.get(id) ?? [];
      this.#open.delete(id);
      for (const call of calls) call.abort(ended());
    }
  }

  #callsOf(id: string): Set<AbortController> {
    const known = this.#open.get(id);
    if (known) return known;
    const made = new Set<AbortController>();
    this.#open.set(id, made);
    return made;
  }

  #leave(ids: readonly string[], controller: AbortController): void {
    for (const id of ids) {
      const calls = this.#open.get(id);
      calls?.delete(controller);
      if (calls?.size === 0) this.#open.delete(id);
    }
  }
}

const ended = (): QgjobError =>
  new QgjobError('unauthorized', 'this token is not valid here any more: it was revoked, or has expired');
