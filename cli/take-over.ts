import { environment, forgetVariable, type Variables } from './config.ts';
import { readTokenFile } from './token-file.ts';

/** The variable that says that stdin holds what the start before has hidden. */
export const handedName = 'QGJOB_HANDED_OVER';

/** What a program of `hideSecrets` has. */
export interface TakenOver {
  /** Undefined: it was not handed over. */
  readonly token: string | undefined;
  /** All variables, secrets among them: those are not in the environment of the process. */
  readonly variables: Variables;
}

/** Takes what `hideSecrets` has handed over to this start, where it was started anew. To be called once, before all else. */
export function takeOver(): TakenOver {
  const { [handedName]: mark, ...variables } = environment();
  if (mark === undefined) return { token: undefined, variables };
  forgetVariable(handedName);
  const { token, variables: hidden } = JSON.parse(readTokenFile('-')) as {
    readonly token?: string;
    readonly variables: Variables;
  };
  return { token, variables: { ...variables, ...hidden } };
}
