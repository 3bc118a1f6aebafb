import type { Client } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { Tokens } from './tokens.ts';

/** A client that signs in with its first call, and anew once the server takes its token no more: after an hour, say. */
export function renewingClient(client: Client, tokens: Tokens): Client {
  const use = async <T>(call: (own: Client) => Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
    const token = await tokens.get(signal);
    try {
      return await call(client.as(token));
    } catch (error) {
      // A call that is refused so has changed nothing.
      if (!(error instanceof QgjobError) || error.code !== 'unauthorized') throw error;
      return call(client.as(await tokens.after(token, signal)));
    }
  };
  return {
    ...{ url: client.url, direct: client.direct },
    call: (name, input) => use((own) => own.call(name, input), input?.signal),
    has: (name, input) => use((own) => own.has(name, input), input.signal),
    open: (name, input) => use((own) => own.open(name, input), input.signal),
    as: (token) => client.as(token),
    with: (rule) => renewingClient(client.with(rule), tokens),
  };
}
