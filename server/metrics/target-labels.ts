import { targetKinds } from '../../protocol/targets.ts';

/** So many targets have a label of their own; all others share `other`. */
export const mostTargets = 50;

/**
 * The labels of targets. Anybody who may submit can name any pool, so their number is limited: the first ones that this
 * process sees have their own.
 */
export function createTargetLabels(): (target: string) => string {
  const kinds = targetKinds.split(/, | or /);
  const known = new Set<string>(kinds);
  return (target) => {
    if (known.has(target)) return target;
    if (known.size >= mostTargets) return 'other';
    known.add(target);
    return target;
  };
}
