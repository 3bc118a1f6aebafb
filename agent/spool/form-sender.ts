import { mayMeanTheBody } from '../../client/index.ts';
import { type ErrorCode, QgjobError } from '../../protocol/errors.ts';

/** The server refuses the form, not the content. */
const unreadable: readonly ErrorCode[] = ['invalid', 'too_large'];

// How often the whole must have failed before a smaller form is tried: after an answer that may be about the body, and
// after any other failure that shows that somebody is there. A restart is over by then, and costs no text.
const patience = { body: 2, other: 5 };

/**
 * Sends a body that has several forms, each smaller than the one before. Every try begins with the largest form that
 * the server itself has not refused. Once that has failed too often for a passing disturbance, the same try goes on
 * with the smaller ones: so a filter on the way cannot block the body for ever, and a server that comes back gets the
 * whole.
 */
export class FormSender<T> {
  readonly #forms: readonly T[];
  readonly #send: (form: T) => Promise<unknown>;
  #largest = 0;
  #failures = 0;

  /** `forms`: the largest first, at least one. `send` makes one call and repeats nothing. */
  constructor(forms: readonly T[], send: (form: T) => Promise<unknown>) {
    this.#forms = forms;
    this.#send = send;
  }

  /** One try. Answers the number of the form that was taken, 0 for the whole. Throws what the last call threw. */
  async try(): Promise<number> {
    for (let at = this.#largest; ; at += 1) {
      try {
        await this.#send(this.#forms[at] as T);
        return at;
      } catch (error) {
        const isWord = error instanceof QgjobError && unreadable.includes(error.code);
        const isLast = at + 1 === this.#forms.length;
        if (isWord && !isLast) this.#largest = at + 1;
        else if (isLast || !this.#mayBeTooMuch(error)) {
          this.#failures += 1;
          throw error;
        }
      }
    }
  }

  #mayBeTooMuch(error: unknown): boolean {
    const { answered, is_cut: isCut } = (error instanceof QgjobError && error.details) || {};
    if (answered === 413) return true;
    if (mayMeanTheBody(error)) return this.#failures >= patience.body;
    return (answered !== undefined || isCut === true) && this.#failures >= patience.other;
  }
}
