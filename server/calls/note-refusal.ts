import type { Context } from 'hono';
import { QgjobError } from '../../protocol/errors.ts';
import type { Gate } from '../gate/gate.ts';
import { actorOf } from './actor-of.ts';
import { addressOf } from './caller-address.ts';
import type { Env } from './log-requests.ts';
import type { RefusedCalls } from './refused-calls.ts';

/** Counts a call whose token was not good, or not good enough; other errors are none of it. */
export function noteRefusal<E extends Env>(
  c: Context<E>,
  error: unknown,
  refused: RefusedCalls,
  gate: Gate,
): void {
  const principal = c.get('principal');
  if (!(error instanceof QgjobError) || !isRefusal(error, principal !== undefined)) return;
  const address = addressOf(c, gate);
  const requestId = c.get('requestId');
  const route = `${c.req.method} ${c.get('route') ?? 'other'}`;
  const { kind, tokenId } = actorOf(principal, { address, requestId });
  const caller = principal && { kind, tokenId, orgId: principal.orgId };
  refused.note({ address, requestId, route, ...(caller && { caller }) });
}

/** Who sends many bad tokens is told to wait instead, before a token is looked at. */
const isRefusal = ({ code }: QgjobError, isKnown: boolean): boolean =>
  code === 'unauthorized' || code === 'forbidden' || (code === 'rate_limited' && !isKnown);
