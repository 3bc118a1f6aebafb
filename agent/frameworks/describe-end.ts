import { constants } from 'node:os';
import type { ChildEnd } from '../children/run-child.ts';

/** Exit codes by which a command says that it has no verdict. */
export const commandExits = { infraError: 75, timeout: 124 } as const;

/** `broken`: something else than the test ended it. */
export type EndKind = 'passed' | 'failed' | 'broken' | 'not run';

export interface DescribedEnd {
  readonly kind: EndKind;
  /** What happened, as a clause: "the command exited with 1". */
  readonly how: string;
}

type Ended = Pick<ChildEnd, 'code' | 'signal' | 'failure'>;

/**
 * What the end of a command says. A shell, and other programs that start programs, use exit codes of their own: 126 and
 * 127 when the program could not be run, 128 plus a signal's number when that signal ended it.
 */
export function describeEnd({ code, signal, failure }: Ended, what = 'the command'): DescribedEnd {
  if (failure !== undefined) return { kind: 'broken', how: failure };
  if (code === null) return { kind: 'broken', how: `${what} was ended by ${signal}` };
  const how = `${what} exited with ${code}`;
  if (code === 126)
    return { kind: 'not run', how: `${how}: its shell found a program that cannot be executed` };
  if (code === 127) return { kind: 'not run', how: `${how}: its shell did not find a program` };
  if (code === commandExits.infraError || code === commandExits.timeout) return { kind: 'broken', how };
  const inner = signalOf(code - 128);
  if (inner) return { kind: 'broken', how: `${how}: ${inner} (${code - 128}) ended a program inside of it` };
  return { kind: code === 0 ? 'passed' : 'failed', how };
}

function signalOf(number: number): string | undefined {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
}
