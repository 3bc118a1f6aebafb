import { targetKinds } from '../../protocol/targets.ts';

/** So many targets have a label of their own; all others share `other`. */
export const mostTargets = 50;

const kinds = targetKinds.split(/, | or /);

/**
 * The labels of the targets that one look at the database has found. Anybody who may submit can name any pool, so their
 * number is limited: those with devices come first, then the names in order. Every server chooses the same.
 */
export function chooseLabels(
  withDevices: readonly string[],
  others: readonly string[],
): (target: string) => string {
  const inOrder = [...kinds, ...withDevices.toSorted(), ...others.toSorted()];
  const chosen = new Set([...new Set(inOrder)].slice(0, mostTargets));
  return (target) => (chosen.has(target) ? target : 'other');
}

/** The labels of what one process counts: the first targets that it sees have their own for as long as it lives. */
export function createTargetLabels(): (target: string) => string {
  const known = new Set(kinds);
  return (target) => {
    if (known.has(target)) return target;
    if (known.size >= mostTargets) return 'other';
    known.add(target);
    return target;
  };
}
