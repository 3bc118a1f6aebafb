import type { Client, InArgs, InStatement, ResultSet } from '@libsql/client';
import { storeError } from './store-error.ts';

/** A libSQL server takes more; but one slow read of a batch keeps its neighbours waiting. */
const readsPerTrip = 32;

interface Waiting {
  readonly statement: { readonly sql: string; readonly args: InArgs };
  readonly resolve: (result: ResultSet) => void;
  readonly reject: (error: unknown) => void;
}

/** The reads of one turn of the event loop share a round trip. Where one of them is refused, each is sent alone. */
export function readTogether(client: Client): void {
  const alone = client.execute.bind(client) as (statement: InStatement) => Promise<ResultSet>;
  let waiting: Waiting[] = [];

  async function send(reads: readonly Waiting[]): Promise<void> {
    try {
      const results =
        reads.length === 1 && reads[0]
          ? [await alone(reads[0].statement)]
          : await client.batch(
              reads.map(({ statement }) => statement),
              'read',
            );
      for (const [index, read] of reads.entries()) read.resolve(results[index] as ResultSet);
    } catch (error) {
      if (reads.length === 1 || storeError(error).code === 'unavailable')
        for (const read of reads) read.reject(error);
      else for (const read of reads) void send([read]);
    }
  }

  function sendAll(): void {
    const all = waiting;
    waiting = [];
    for (let from = 0; from < all.length; from += readsPerTrip)
      void send(all.slice(from, from + readsPerTrip));
  }

  client.execute = ((first: InStatement | string, args?: InArgs) =>
    new Promise<ResultSet>((resolve, reject) => {
      const { sql, args: own = [] } = typeof first === 'string' ? { sql: first, args } : first;
      waiting.push({ statement: { sql, args: own }, resolve, reject });
      if (waiting.length === 1) setImmediate(sendAll);
    })) as Client['execute'];
}
