import { createHash } from 'node:crypto';
import type { Source } from '../../../protocol/shapes/run.ts';

/** Equal for leases that may be made of the same jobs; empty where no source is named. */
export const sourceHash = (source: Source | undefined): string =>
  source ? createHash('sha256').update(JSON.stringify(source)).digest('hex') : '';
