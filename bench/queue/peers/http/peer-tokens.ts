import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Authenticator, type KnownToken } from '../../../../server/auth/authenticate.ts';
import { mintToken } from '../../../../server/auth/token-format.ts';
import { Buckets } from '../../../../server/gate/buckets.ts';

/** The token of a peer's callers, and what checks it. */
export interface PeerTokens {
  readonly token: string;
  readonly authenticator: Authenticator;
}

/**
 * The check of our own server: the same form of a token, its SHA-256 compared, and what was found kept for five
 * seconds. Only the store is another: a file in `dir` with the hash of one token.
 */
export function makePeerTokens(dir: string): PeerTokens {
  const file = join(dir, 'token.json');
  const { id, hash, token } = mintToken('agt');
  const known: KnownToken = { id, hash, orgId: 'bench', scopes: '["submit","agent"]', expiresAt: null };
  writeFileSync(file, JSON.stringify(known));
  const find = async (wanted: string): Promise<KnownToken | undefined> => {
    const found = JSON.parse(readFileSync(file, 'utf8')) as KnownToken;
    return found.id === wanted ? found : undefined;
  };
  const lookup = { find, seen: () => undefined, leaseOf: () => undefined, orgOfLease: async () => undefined };
  return {
    token,
    authenticator: new Authenticator(lookup, Date.now, new Buckets({ perSecond: 1, burst: 20 })),
  };
}
