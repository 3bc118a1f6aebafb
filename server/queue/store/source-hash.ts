import { createHash } from 'node:crypto';
import type { SubmitRun } from '../../../protocol/shapes/run.ts';

/** What the jobs of one lease have in common: their code, what they are given, and which of their tests run. */
export type LeaseSource = Pick<SubmitRun, 'source' | 'params' | 'grep'>;

/** Equal for leases that may be made of the same jobs; empty where nothing is named. */
export function sourceHash({ source, params, grep }: LeaseSource): string {
  const isPlain = params === undefined && grep === undefined;
  if (isPlain && source === undefined) return '';
  const named = isPlain ? source : [source ?? null, Object.entries(params ?? {}).sort(), grep ?? null];
  return createHash('sha256').update(JSON.stringify(named)).digest('hex');
}
