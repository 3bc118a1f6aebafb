import type { Client } from '../../client/index.ts';
import type { Connection } from '../config.ts';
import { endOf, ownerOf, placeOf } from '../whoami/describe-whoami.ts';
import type { Finding } from './finding-lines.ts';

/** Whose token is used, and which setting named it. Never the token. */
export async function examineToken(client: Client, found: Connection): Promise<Finding> {
  const what = 'token';
  const from = `from ${placeOf(found.tokenFrom)}`;
  try {
    const who = await client.call('whoami');
    return { what, state: 'ok', says: `${from}: ${ownerOf(who)}, ${endOf(who)}` };
  } catch (error) {
    const cure = 'give another one: `qgjob login`, --token-file or QGJOB_TOKEN';
    return { what, state: 'warning', says: `${from}: ${(error as Error).message}`, cure };
  }
}
