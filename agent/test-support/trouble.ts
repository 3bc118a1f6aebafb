import type { ErrorCode } from '../../protocol/errors.ts';
import type { RouteName } from '../../protocol/routes.ts';
import { type Answer, type FilterOptions, Filters, refusal } from './answers.ts';
import type { Call } from './read-call.ts';

/** What goes wrong with the calls of an agent, by their names. */
export class Trouble {
  readonly #refusals = new Map<RouteName, Answer[]>();
  readonly #filters = new Filters();
  readonly #unheard = new Set<RouteName>();
  readonly #held = new Map<RouteName, Promise<void>>();

  /** The next `times` calls of this name are refused. */
  refuse = (name: RouteName, code: ErrorCode, more: { details?: object; times?: number } = {}): void => {
    const list = Array.from({ length: more.times ?? 1 }, () => refusal(code, code, more.details));
    this.#refusals.set(name, [...(this.#refusals.get(name) ?? []), ...list]);
  };

  /** Something between agent and server answers calls of this name. */
  standBetween = (name: RouteName, status: number, options: FilterOptions = {}): void =>
    this.#filters.set(name, status, options);

  /** The next call of this name is carried out, and its answer is lost. */
  loseAnswer = (name: RouteName): void => void this.#unheard.add(name);

  /** Calls of this name are recorded, but not answered until the release. */
  hold = (name: RouteName): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held.set(name, promise);
    return () => {
      this.#held.delete(name);
      resolve();
    };
  };

  /** The answer of what stands between; undefined: the call reaches the server. */
  between(call: Call): ReturnType<Filters['answer']> {
    return this.#filters.answer(call);
  }

  /** Resolves when calls of this name are answered, with the refusal where there is one. */
  async refusalOf({ name }: Call): Promise<Answer | undefined> {
    await this.#held.get(name);
    return this.#refusals.get(name)?.shift();
  }

  isUnheard({ name }: Call): boolean {
    return this.#unheard.delete(name);
  }
}
