import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from 'jose';

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

/** A key by which an issuer signs. */
interface Key {
  readonly kid: string;
  readonly pair: KeyPair;
}

export interface TokenOptions {
  /** Claims in place of the standard ones; `undefined` leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Partial<JWTHeaderParameters>;
  /** Absent: the issuer's own. */
  readonly key?: CryptoKey | Uint8Array;
}

/** A stand-in for GitHub's OIDC issuer on loopback. */
export interface OidcIssuer {
  readonly url: string;
  /** How often its keys were read. */
  readonly reads: number;
  /** True: no answer comes. */
  isAway: boolean;
  /** Claims of all tokens that are made from now on. */
  claims: Record<string, unknown>;
  /** A token by the issuer's newest key, for this audience. */
  token(audience: string, options?: TokenOptions): Promise<string>;
  /** Signs with a new key from now on, and publishes it alone. */
  rotate(): Promise<void>;
  /** Its public key as a text. */
  publicKey(): Promise<string>;
  /** The tokens that were asked for as a runner does it, by their audience. */
  readonly asked: string[];
  /** The variables by which a step asks for its tokens. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** What GitHub says of a push to the repository `acme/app`. */
const standard = {
  sub: 'repo:acme/app:ref:refs/heads/main',
  repository: 'acme/app',
  repository_id: '4711',
  repository_owner: 'acme',
  repository_owner_id: '11',
  repository_visibility: 'private',
  actor: 'ann',
  actor_id: '21',
  workflow: 'app tests',
  run_id: '900',
  run_number: '7',
  run_attempt: '1',
  event_name: 'push',
  ref: 'refs/heads/main',
  ref_type: 'branch',
  sha: '1'.repeat(40),
  runner_environment: 'github-hosted',
};

const newKey = async (): Promise<Key> => ({
  kid: randomUUID(),
  pair: await generateKeyPair('RS256', { extractable: true }),
});

/** `now`: epoch ms, by which its tokens are good for 5 minutes. The caller closes it. */
export async function openIssuer(now: () => number = Date.now): Promise<OidcIssuer> {
  const bearer = randomUUID();
  const state = { key: await newKey(), reads: 0, asked: [] as string[] };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://issuer');
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (url.pathname === '/.well-known/jwks') {
      state.reads += 1;
      if (issuer.isAway) return void request.socket.destroy();
      return send(200, { keys: [await publicJwk(state.key)] });
    }
    if (url.pathname !== '/token') return send(404, {});
    if (request.headers.authorization !== `Bearer ${bearer}`) return send(401, {});
    const audience = url.searchParams.get('audience') ?? 'https://github.com/acme';
    state.asked.push(audience);
    send(200, { count: 1, value: await issuer.token(audience) });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer: OidcIssuer = {
    ...{ url, isAway: false, claims: {}, asked: state.asked },
    env: {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer,
    },
    get reads() {
      return state.reads;
    },
    token: (audience, { claims, header, key } = {}) => {
      const at = Math.floor(now() / 1000);
      const own = { iss: url, aud: audience, jti: randomUUID(), iat: at, nbf: at - 5, exp: at + 300 };
      return new SignJWT({ ...standard, ...own, ...issuer.claims, ...claims })
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: state.key.kid, ...header })
        .sign(key ?? state.key.pair.privateKey);
    },
    rotate: async () => {
      state.key = await newKey();
    },
    publicKey: () => exportSPKI(state.key.pair.publicKey),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return issuer;
}

const publicJwk = async ({ kid, pair }: Key): Promise<JWK> => ({
  ...(await exportJWK(pair.publicKey)),
  ...{ kid, use: 'sig', alg: 'RS256' },
});
