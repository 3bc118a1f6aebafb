import type { Context, Hono } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';
import { QgjobError } from '../../protocol/errors.ts';
import { mayCall, type Principal } from '../auth/principal.ts';
import { actorOf } from '../calls/actor-of.ts';
import { addressOf } from '../calls/caller-address.ts';
import { noteRefusal } from '../calls/note-refusal.ts';
import { sendPage } from './frame/send-page.ts';
import { signInPage } from './pages/sign-in.tsx';
import { checkCsrf, readForm } from './read-form.ts';
import { cookieOptions } from './session/cookie.ts';
import { safeNext } from './session/safe-next.ts';
import type { Session } from './session/sessions.ts';
import { originOf, type WebEnv, type WebOptions } from './web-env.ts';

/** The sign-in by a token, which needs no script, and the way out. */
export function addSignIn(web: Hono<WebEnv>, options: WebOptions): void {
  const { sessions, basePath, deps } = options;
  const ownCookie = cookieOptions(deps.queue.settings.publicUrl, basePath);

  web.get('/sign-in', async (c) => {
    const next = safeNext(c.req.query('next'));
    return c.get('session') ? c.redirect(`${basePath}/ui${pathOf(next)}`, 303) : ask(c, options, next);
  });

  web.post('/sign-in', async (c) => {
    const form = await readForm(c, originOf(options));
    const next = safeNext(form.get('next') ?? undefined);
    const token = (form.get('token') ?? '').trim();
    const found = await whoHas(c, options, token);
    if (typeof found === 'string') return ask(c, options, next, found);
    const { value, maxAge } = await sessions.begin(found.tokenId);
    await writeSession(c, options, found, 'session.begun');
    setCookie(c, sessions.cookieName, value, { ...ownCookie, maxAge });
    return c.redirect(`${basePath}/ui${pathOf(next)}`, 303);
  });

  web.post('/sign-out', async (c) => {
    const session = c.get('session');
    const form = await readForm(c, originOf(options));
    if (session) {
      checkCsrf(form, session);
      await signOut(options, session, form.has('everywhere'));
      await writeSession(c, options, session.principal, 'session.ended');
    }
    deleteCookie(c, sessions.cookieName, ownCookie);
    return c.redirect(`${basePath}/ui/sign-in`, 303);
  });
}

/** Into the audit log. */
function writeSession(
  c: Context<WebEnv>,
  { deps, gate }: WebOptions,
  principal: Principal,
  action: 'session.begun' | 'session.ended',
): Promise<void> {
  const origin = { address: addressOf(c, gate), requestId: c.get('requestId'), isSession: true };
  return deps.audit.write({
    ...{ by: actorOf(principal, origin), orgId: principal.orgId ?? null, action },
    ...{ targetKind: 'token', targetId: principal.tokenId },
  });
}

/** Ends the session, or all of its token, with their open calls. */
async function signOut({ sessions, deps }: WebOptions, session: Session, everywhere: boolean): Promise<void> {
  const { id, principal } = session;
  await sessions.end(id);
  deps.forgetTokens(everywhere ? [id, ...(await sessions.endAllOf(principal.tokenId))] : [id]);
}

const pathOf = (next: string): string => (next === '/' ? '' : next);

const ask = (c: Context<WebEnv>, options: WebOptions, next: string, error?: string) =>
  sendPage(c, options, signInPage({ next, error }), error === undefined ? 200 : 401);

/** Whose token it is; else why nobody signs in with it. Errors: `unavailable`, `rate_limited`. */
async function whoHas(
  c: Context<WebEnv>,
  { authenticator, deps, gate }: WebOptions,
  token: string,
): Promise<Principal | string> {
  if (token === '') return 'Give a token.';
  try {
    const principal = await authenticator.authenticate(`Bearer ${token}`, addressOf(c, gate));
    if (principal.tokenId !== '' && mayCall(principal, 'read')) return principal;
    return 'This is the token of an agent: it may read nothing, so there is nothing to show. Take one with the scope read, submit or admin.';
  } catch (error) {
    if (!(error instanceof QgjobError) || error.code !== 'unauthorized') throw error;
    noteRefusal(c, error, deps.audit.refused, gate);
    return 'This token is not valid here: it may be mistyped, expired or revoked.';
  }
}
