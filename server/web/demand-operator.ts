import { needsToken } from '../calls/viewer-of.ts';
import type { PageCall } from './page.ts';

/** Refuses everybody but the operator. Errors: `forbidden`. */
export function demandOperator({ principal }: Pick<PageCall, 'principal'>): void {
  if (!principal.isOperator) throw needsToken('operator');
}
