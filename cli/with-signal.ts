import type { Client } from '../client/index.ts';

/** The same client, whose calls end with the signal too: with its reason. */
export function withSignal(client: Client, signal: AbortSignal): Client {
  const both = (own: AbortSignal | undefined): AbortSignal => (own ? AbortSignal.any([own, signal]) : signal);
  return {
    ...client,
    call: (name, input) => client.call(name, { ...input, signal: both(input?.signal) }),
    has: (name, input) => client.has(name, { ...input, signal: both(input.signal) }),
    open: (name, input) => client.open(name, { ...input, signal: both(input.signal) }),
    as: (token) => withSignal(client.as(token), signal),
    with: (rule) => withSignal(client.with(rule), signal),
  };
}
