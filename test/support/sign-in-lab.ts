import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { GithubBinding } from '../../protocol/shapes/github.ts';
import { type OidcIssuer, openIssuer, type TokenOptions } from './oidc-issuer.ts';
import { addOrg, dumpDatabase, newDataDir, openServer, type RawAnswer, type TestServer } from './server.ts';

export const minuteMs = 60_000;
/** The repository of the issuer's tokens. */
export const app: GithubBinding = { repository_owner_id: '11', repository_id: '4711' };
export const audience = 'https://ci.example.com';

/** A server that an issuer's tokens sign in to; for all tests of a file. Before each of them `app` is bound to `acme`. */
export interface SignInLab {
  server: TestServer;
  issuer: OidcIssuer;
  /** The clock of both, epoch ms; hours later in each test. */
  now: number;
  /** Of the org `acme`. */
  tokens: Awaited<ReturnType<typeof addOrg>>;
  bind(bindings: readonly GithubBinding[], orgId?: string): Promise<{ bindings: GithubBinding[] }>;
  /** Sends an OIDC token. */
  exchange(token: string, more?: object): Promise<RawAnswer>;
  /** Makes an OIDC token and sends it. */
  signIn(options?: TokenOptions, more?: object): Promise<RawAnswer>;
  /** Signs in and answers the token. */
  tokenFor(claims?: Readonly<Record<string, unknown>>): Promise<string>;
  /** How many sign-ins the database knows. */
  signIns(): number;
  /** Epoch seconds, so many ms from now. */
  seconds(ms: number): number;
  /** A new org; after the test nothing is bound to it. */
  newOrg(): Promise<string>;
  /** Another server with the same clock and issuer; its caller closes it. */
  open(publicUrl?: string, dataDir?: string): Promise<TestServer>;
}

export function useSignInLab(): SignInLab {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-oidc-'));
  const others: string[] = [];
  // The rest is there before the first test.
  const lab: SignInLab = {
    ...({} as Pick<SignInLab, 'server' | 'issuer' | 'tokens'>),
    now: Date.UTC(2026, 0, 1),
    bind: (bindings, orgId = 'acme') =>
      lab.server.client.call('setGithub', { params: { id: orgId }, body: [...bindings] }),
    exchange: (token, more = {}) =>
      lab.server.ask('signInByGithub', { token: null, body: { token, ...more } }),
    signIn: async (options, more) => lab.exchange(await lab.issuer.token(audience, options), more),
    tokenFor: async (claims = {}) => (await lab.signIn({ claims })).json.token,
    signIns: () => dumpDatabase(lab.server.dataDir).github_sign_ins?.length ?? 0,
    seconds: (ms) => Math.floor((lab.now + ms) / 1000),
    async newOrg() {
      const orgId = `org-${others.length + 1}`;
      others.push(orgId);
      await lab.server.client.call('createOrg', { body: { org_id: orgId } });
      return orgId;
    },
    open: (publicUrl = `${audience}/qgjob`, dataDir = newDataDir(mkdtempSync(join(folder, 'server-')))) =>
      openServer(dataDir, {
        now: () => lab.now,
        flags: { oidc_issuer: lab.issuer.url, public_url: publicUrl },
      }),
  };
  beforeAll(async () => {
    lab.issuer = await openIssuer(() => lab.now);
    lab.server = await lab.open();
    lab.tokens = await addOrg(lab.server, 'acme');
  });
  afterAll(async () => {
    await lab.server.close();
    await lab.issuer.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    lab.now += 120 * minuteMs;
    lab.issuer.isAway = false;
    await Promise.all(others.map((orgId) => lab.bind([], orgId)));
    await lab.bind([app]);
  });
  return lab;
}
