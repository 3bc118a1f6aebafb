import type { CommentPolicy } from '../protocol/states.ts';
import type { Section } from './sections.ts';

/** A section, when its step wants the comment written, and whether its run was cancelled. */
export interface Wanted extends Pick<Section, 'key' | 'result'> {
  readonly policy: CommentPolicy;
  readonly isCancelled: boolean;
}

/**
 * Whether a comment of these sections is to be written. `had`: the results in the comment that is there, by key; undefined:
 * there is none, and a pass alone makes one only where it is always wanted. Nor does a run that was cancelled, as each push does
 * it to the workflow of the one before.
 */
export function wantsComment(
  sections: readonly Wanted[],
  had: ReadonlyMap<string, Section['result']> | undefined,
): boolean {
  const asked = sections.filter(({ policy }) => policy !== 'off');
  if (had === undefined)
    return asked.some(
      ({ result, policy, isCancelled }) => policy === 'always' || (result === 'failed' && !isCancelled),
    );
  return asked.some(
    ({ key, result, policy }) => policy !== 'changes' || (had.get(key) ?? 'passed') !== result,
  );
}
