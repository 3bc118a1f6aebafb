import type { Context } from 'hono';
import type { LiveCalls } from '../auth/live-calls.ts';
import { bindingsOf } from './caller-address.ts';

/** Aborts when the caller goes away, and with the end of one of the ids (`LiveCalls`) for as long as the call is open. */
export function watchCall(c: Context, calls: LiveCalls, ids: readonly string[]): AbortSignal {
  const { outgoing } = bindingsOf(c);
  // Without a connection nothing would say when it is over.
  if (!outgoing || ids.length === 0) return c.req.raw.signal;
  const call = calls.enter(ids);
  if (outgoing.destroyed) call.leave();
  else outgoing.once('close', call.leave);
  return AbortSignal.any([c.req.raw.signal, call.signal]);
}
