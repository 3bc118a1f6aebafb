import type { Context } from 'hono';
import { QgjobError } from '../../protocol/errors.ts';
import type { Principal } from '../auth/principal.ts';
import type { Gate } from '../gate/gate.ts';
import { addressOf, bindingsOf } from './caller-address.ts';

/** Counts the call to its caller, until its answer has gone out. Errors: `rate_limited`. */
export function admitCaller(c: Context, principal: Principal, gate: Gate): void {
  const { requests, calls } = gate;
  const caller = callerOf(c, principal, gate);
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
export function holdAnswer(c: Context, principal: Principal | undefined, text: string, gate: Gate): void {
  const caller = principal && callerOf(c, principal, gate);
  if (caller !== undefined && text.length > longAnswer) atEnd(c, gate.answers.hold(caller, text.length));
}

function atEnd(c: Context, leave: () => void): void {
  const { outgoing } = bindingsOf(c);
  // One that has closed already says so never again.
  if (outgoing && !outgoing.destroyed) outgoing.once('close', leave);
  else leave();
}

/**
 * Whose share the call is of; undefined for the operator, who has no limit. Leases are of their org, which would have a share for
 * each of them else; those that are gone share one by address.
 */
function callerOf(c: Context, principal: Principal, gate: Gate): string | undefined {
  const { isOperator, leaseId, tokenId } = principal;
  if (isOperator) return undefined;
  const orgId = principal.orgId ?? principal.leaseOrgId;
  if (orgId !== undefined) return `org ${orgId}`;
  return leaseId === undefined ? `token ${tokenId}` : `leases that are gone, at ${addressOf(c, gate)}`;
}
