import type { Context } from 'hono';
import type { Gate } from '../gate/gate.ts';

/** What a call came by; absent where it came by no connection. */
export interface CallBindings {
  readonly incoming?: { readonly socket: { readonly remoteAddress?: string | undefined } };
  readonly outgoing?: { readonly destroyed: boolean; once(event: 'close', listener: () => void): unknown };
}

export const bindingsOf = (c: Context): CallBindings => c.env ?? {};

/** The address that limits count a call by. */
export const addressOf = (c: Context, gate: Gate): string =>
  gate.addressOf(bindingsOf(c).incoming?.socket.remoteAddress, c.req.header('x-forwarded-for'));
