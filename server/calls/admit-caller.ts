import type { Context } from 'hono';
import { QgjobError } from '../../protocol/errors.ts';
import type { Principal } from '../auth/principal.ts';
import type { Gate } from '../gate/gate.ts';
import { bindingsOf } from './caller-address.ts';

/** Counts the call to its caller, until its answer has gone out. Errors: `rate_limited`. */
export function admitCaller(c: Context, principal: Principal, { requests, calls }: Gate): void {
  const caller = callerOf(principal);
  if (caller === undefined) return;
  if (requests && !requests.take(caller))
    throw new QgjobError(
      'rate_limited',
      `${caller} makes more calls than are taken here; send them again, more slowly`,
    );
  atEnd(c, calls.enter(caller));
}

/** Shorter answers are not counted. */
const longAnswer = 256 * 1024;

/** Counts an answer that is in memory to its caller, until it has gone out. Errors: `rate_limited`. */
export function holdAnswer(
  c: Context,
  principal: Principal | undefined,
  text: string,
  { answers }: Gate,
): void {
  const caller = principal && callerOf(principal);
  if (caller !== undefined && text.length > longAnswer) atEnd(c, answers.hold(caller, text.length));
}

function atEnd(c: Context, leave: () => void): void {
  const { outgoing } = bindingsOf(c);
  // One that has closed already says so never again.
  if (outgoing && !outgoing.destroyed) outgoing.once('close', leave);
  else leave();
}

/** Whose share the call is of; undefined for the operator, who has no limit. */
function callerOf({ isOperator, leaseId, orgId, tokenId }: Principal): string | undefined {
  if (isOperator) return undefined;
  if (leaseId !== undefined) return `lease ${leaseId}`;
  return orgId === undefined ? `token ${tokenId}` : `org ${orgId}`;
}
