import { generateKeyPairSync, verify } from 'node:crypto';
import type { TokenRights } from './fake-github.ts';

export const appId = '4711';
const installation = 99;

// A key takes long to make, and tests need no secret.
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** The key of the App, as GitHub gives it: PKCS #1 in PEM. */
export const appKey = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();

/** A GitHub App that may be installed in some repositories. */
export interface FakeApp {
  /** Ids of repositories that its tokens were asked for. */
  readonly asked: number[];
  /** Names of the repositories that it is installed in. */
  readonly installedIn: Set<string>;
  /** Whether it was given *Pull requests: read and write*. */
  mayComment: boolean;
  /** How long its next tokens live, ms. */
  lifeMs: number;
}

/** What the bearer of a JWT of the App may do; undefined where it is none, or is not valid now. */
export function appRights(jwt: string, app: FakeApp, mint: () => string): TokenRights | undefined {
  const [head = '', body = '', mac = ''] = jwt.split('.');
  if (!/^eyJ/.test(jwt) || mac === '') return undefined;
  const signed = verify('sha256', Buffer.from(`${head}.${body}`), publicKey, Buffer.from(mac, 'base64url'));
  const { iss, iat, exp } = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<
    string,
    number | string
  >;
  const isShort = Number(exp) - Number(iat) <= 600;
  if (!signed || iss !== appId || !isShort) return undefined;
  return { login: 'qgjob[bot]', checks: 'read', pullRequests: 'read', app, mint };
}

/** Who acts with a token of an installation. */
export const appBot = ({ mayComment }: FakeApp) => ({
  login: 'qgjob[bot]',
  pullRequests: mayComment ? ('write' as const) : ('read' as const),
});

const day = '2026-01-01T00:00:00Z';
const site = 'https://github.example.com';

export const installationJson = () => ({
  ...{
    id: installation,
    app_id: Number(appId),
    target_id: 1,
    target_type: 'Organization',
    app_slug: 'qgjob',
  },
  ...{ account: null, repository_selection: 'selected', permissions: { checks: 'write' }, events: [] },
  access_tokens_url: `${site}/app/installations/${installation}/access_tokens`,
  ...{ repositories_url: `${site}/repositories`, html_url: `${site}/settings/installations/${installation}` },
  ...{ created_at: day, updated_at: day, single_file_name: null, suspended_by: null, suspended_at: null },
});
