import { QgjobError } from '../../../protocol/errors.ts';

type Operation<D, I, O> = (deps: D, inputs: readonly I[]) => Promise<PromiseSettledResult<O>[]>;
type AnyOperation = Operation<unknown, unknown, unknown>;

interface Pending {
  readonly input: unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers the inputs of a verb that come in one turn of the event loop, or while the verb still runs for earlier
 * ones, and runs the verb once for all of them: so they share statements and a commit.
 */
export class Coalescer {
  readonly #waiting = new Map<unknown, Pending[]>();

  run<D, I, O>(deps: D, verb: Operation<D, I, O>, input: I): Promise<O> {
    return new Promise<O>((resolve, reject) => {
      const one: Pending = { input, resolve, reject };
      const queue = this.#waiting.get(verb);
      if (queue) {
        queue.push(one);
        return;
      }
      this.#waiting.set(verb, [one]);
      setImmediate(() => void this.#workOff(deps, verb as AnyOperation));
    });
  }

  async #workOff(deps: unknown, verb: AnyOperation): Promise<void> {
    for (let all = this.#next(verb); all.length > 0; all = this.#next(verb)) {
      const inputs = all.map((one) => one.input);
      const results = await workOn(deps, verb, inputs);
      all.forEach((one, index) => {
        const result = results[index];
        if (result?.status === 'fulfilled') one.resolve(result.value as never);
        else one.reject(result?.reason);
      });
    }
    this.#waiting.delete(verb);
  }

  #next(verb: unknown): Pending[] {
    return this.#waiting.get(verb)?.splice(0) ?? [];
  }
}

/**
 * Where the verb throws although the database is available, one of the inputs is to blame. Then each is tried alone,
 * so that the others do not fail with it, now and at every repeat. A verb must not throw once it has written.
 */
async function workOn(
  deps: unknown,
  verb: AnyOperation,
  inputs: readonly unknown[],
): Promise<PromiseSettledResult<unknown>[]> {
  try {
    return await verb(deps, inputs);
  } catch (reason) {
    const isAway = reason instanceof QgjobError && reason.code === 'unavailable';
    if (isAway || inputs.length === 1) return inputs.map(() => rejected(reason));
    const results: PromiseSettledResult<unknown>[] = [];
    for (const input of inputs) results.push(...(await workOn(deps, verb, [input])));
    return results;
  }
}

export const fulfilled = <O>(value: O): PromiseSettledResult<O> => ({ status: 'fulfilled', value });
export const rejected = (reason: unknown): PromiseRejectedResult => ({ status: 'rejected', reason });
