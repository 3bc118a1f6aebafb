import type { Context, Hono } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';
import type { CookieOptions } from 'hono/utils/cookie';
import { QgjobError } from '../../protocol/errors.ts';
import { mayCall, type Principal } from '../auth/principal.ts';
import { addressOf } from '../calls/caller-address.ts';
import { sendPage } from './frame/send-page.ts';
import { signInPage } from './pages/sign-in.tsx';
import { checkCsrf, readForm } from './read-form.ts';
import { safeNext } from './session/safe-next.ts';
import { originOf, type WebEnv, type WebOptions } from './web-env.ts';

/** The sign-in by a token, which needs no script, and the way out. */
export function addSignIn(web: Hono<WebEnv>, options: WebOptions): void {
  const { sessions, basePath } = options;

  web.get('/sign-in', async (c) => {
    const next = safeNext(c.req.query('next'));
    return c.get('session') ? c.redirect(`${basePath}/ui${pathOf(next)}`, 303) : ask(c, options, next);
  });

  web.post('/sign-in', async (c) => {
    const form = await readForm(c, originOf(options));
    const next = safeNext(form.get('next') ?? undefined);
    const token = (form.get('token') ?? '').trim();
    const found = await whoHas(options, token, addressOf(c, options.gate));
    if (typeof found === 'string') return ask(c, options, next, found);
    const { value, maxAge } = sessions.begin(found.tokenId);
    setCookie(c, sessions.cookieName, value, { ...cookieOptions(options), maxAge });
    return c.redirect(`${basePath}/ui${pathOf(next)}`, 303);
  });

  web.post('/sign-out', async (c) => {
    const session = c.get('session');
    const form = await readForm(c, originOf(options));
    if (session) checkCsrf(form, session);
    deleteCookie(c, sessions.cookieName, cookieOptions(options));
    return c.redirect(`${basePath}/ui/sign-in`, 303);
  });
}

const pathOf = (next: string): string => (next === '/' ? '' : next);

const ask = (c: Context<WebEnv>, options: WebOptions, next: string, error?: string) =>
  sendPage(c, options, signInPage({ next, error }), error === undefined ? 200 : 401);

/** Whose token it is; else why nobody signs in with it. Errors: `unavailable`, `rate_limited`. */
async function whoHas(
  { authenticator }: WebOptions,
  token: string,
  address: string,
): Promise<Principal | string> {
  if (token === '') return 'Give a token.';
  try {
    const principal = await authenticator.authenticate(`Bearer ${token}`, address);
    if (principal.tokenId !== '' && mayCall(principal, 'read')) return principal;
    return 'This is the token of an agent: it may read nothing, so there is nothing to show. Take one with the scope read, submit or admin.';
  } catch (error) {
    if (!(error instanceof QgjobError) || error.code !== 'unauthorized') throw error;
    return 'This token is not valid here: it may be mistyped, expired or revoked.';
  }
}

/** Only over https where that is how browsers reach the server: else they would not send it back. */
function cookieOptions(options: WebOptions): CookieOptions {
  const isSecure = originOf(options).startsWith('https:');
  return { httpOnly: true, sameSite: 'Lax', path: options.basePath || '/', secure: isSecure };
}
