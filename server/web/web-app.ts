import { type Context, Hono } from 'hono';
import { getCookie } from 'hono/cookie';
import { createMiddleware } from 'hono/factory';
import { oneLine } from '../../protocol/clean-text.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { Scope } from '../../protocol/states.ts';
import { mayCall } from '../auth/principal.ts';
import { admitCaller } from '../calls/admit-caller.ts';
import { addressOf } from '../calls/caller-address.ts';
import { shownPath } from '../calls/log-requests.ts';
import { sendChunks } from '../calls/send-chunks.ts';
import { needsToken, viewerOf } from '../calls/viewer-of.ts';
import { watchCall } from '../calls/watch-call.ts';
import { actAudited, senderOf } from './audit-action.ts';
import { securePages } from './frame/headers.ts';
import { sendError, sendPage } from './frame/send-page.ts';
import { keepOrg } from './keep-org.ts';
import type { FormCall, PageCall } from './page.ts';
import { actions, pages, resources } from './pages/index.ts';
import { checkCsrf, readForm } from './read-form.ts';
import { addSignIn } from './sign-in-routes.ts';
import { originOf, type WebEnv, type WebOptions } from './web-env.ts';

/** The dashboard: what is answered below /ui. Each call goes this way: session → scope → page. */
export function createWeb(options: WebOptions): Hono<WebEnv> {
  const web = new Hono<WebEnv>();
  const { deps } = options;
  web.onError((error, c) => sendError(c, options, error));
  web.use(securePages);
  addAssets(web, options);
  web.use(findSession(options));
  addSignIn(web, options);
  web.use(demandSession(options));
  web.use(admitSession(options));
  for (const { path, scope, show } of pages) {
    web.get(path, nameRoute(path), async (c) => {
      checkScope(c, scope);
      return sendPage(c, options, await show(deps, callOf(c)));
    });
  }
  for (const { path, scope, act } of actions) {
    web.post(path, nameRoute(path), async (c) => {
      const form = await ownForm(c, options);
      checkScope(c, scope);
      const call = { ...formCallOf(c, form), by: senderOf(c, options) };
      const next = await actAudited(deps, path, call, (made) => act(deps, made));
      if (typeof next !== 'string') return sendPage(c, options, next);
      const to = keepOrg(next === '/' ? '' : next, c.req.query('org'));
      return c.redirect(`${options.basePath}/ui${to}`, 303);
    });
  }
  for (const { path, scope, answer } of resources) {
    web.get(path, nameRoute(path), async (c) => {
      checkScope(c, scope);
      const cookie = getCookie(c, options.sessions.cookieName);
      const isLive = async () => (await options.sessions.read(cookie)) !== undefined;
      const by = senderOf(c, options);
      const session = c.get('session');
      const signal = watchCall(c, options.liveCalls, session ? [session.id, session.principal.tokenId] : []);
      return sendChunks(c, await answer(deps, { ...callOf(c), by, signal, isLive }), signal);
    });
  }
  web.all('*', (c) => {
    throw new QgjobError('not_found', `there is no page ${shownPath(c.req.path)}`);
  });
  return web;
}

function addAssets(web: Hono<WebEnv>, { assets }: WebOptions): void {
  web.get('/assets/:hash/:name', nameRoute('/assets/:hash/:name'), (c) => {
    const asset = assets.files.get(c.req.param('name'));
    if (!asset) throw new QgjobError('not_found', 'there is no such file');
    // Of another version's page: that may be served by another server meanwhile.
    const isOurs = c.req.param('hash') === assets.hash;
    c.header('cache-control', isOurs ? 'public, max-age=31536000, immutable' : 'no-store');
    return c.body(asset.bytes, 200, { 'content-type': asset.type });
  });
}

const findSession = ({ sessions, gate }: WebOptions) =>
  createMiddleware<WebEnv>(async (c, next) => {
    const from = { refusals: gate.badTokens, address: addressOf(c, gate) };
    const session = await sessions.read(getCookie(c, sessions.cookieName), from);
    c.set('session', session);
    c.set('principal', session?.principal);
    await next();
  });

/** Who has no session is asked to sign in, and comes back to the page. */
const demandSession = ({ basePath }: WebOptions) =>
  createMiddleware<WebEnv>(async (c, next) => {
    if (c.get('session')) return next();
    const isPage = c.req.method === 'GET' && c.req.header('accept')?.includes('text/html');
    if (!isPage && c.req.method === 'GET') throw new QgjobError('unauthorized', 'sign in first');
    const { pathname, search } = new URL(c.req.url);
    const here = `${pathname.slice(pathname.indexOf('/ui') + '/ui'.length)}${search}`;
    const query = isPage && here !== '' ? `?${new URLSearchParams({ next: here })}` : '';
    return c.redirect(`${basePath}/ui/sign-in${query}`, 303);
  });

const admitSession = ({ gate }: WebOptions) =>
  createMiddleware<WebEnv>((c, next) => {
    const principal = c.get('principal');
    if (principal) admitCaller(c, principal, gate);
    return next();
  });

const nameRoute = (path: string) =>
  createMiddleware<WebEnv>((c, next) => {
    c.set('route', path === '/' ? '/ui' : `/ui${path}`);
    return next();
  });

async function ownForm(c: Context<WebEnv>, options: WebOptions): Promise<URLSearchParams> {
  const form = await readForm(c, originOf(options));
  const session = c.get('session');
  if (!session) throw new QgjobError('unauthorized', 'sign in first');
  checkCsrf(form, session);
  return form;
}

/** Errors: `forbidden`. */
function checkScope(c: Context<WebEnv>, scope: Scope): void {
  const principal = c.get('principal');
  if (!principal || !mayCall(principal, scope)) throw needsToken(scope);
}

/** Errors: `forbidden` for the choice of another org than the token's. */
function callOf(c: Context<WebEnv>): PageCall {
  const principal = c.get('principal');
  if (!principal) throw new QgjobError('unauthorized', 'sign in first');
  return {
    principal,
    viewer: viewerOf(principal, c.req.query('org') || undefined),
    owner: viewerOf(principal),
    may: (scope) => mayCall(principal, scope),
    param: (name) => c.req.param(name) ?? '',
    query: (name) => oneLine(c.req.query(name) ?? '') || undefined,
    header: (name) => c.req.header(name),
    isRefresh: c.req.header('x-live-refresh') !== undefined,
  };
}

const formCallOf = (c: Context<WebEnv>, form: URLSearchParams): Omit<FormCall, 'by' | 'made'> => ({
  ...callOf(c),
  field: (name) => form.get(name) ?? '',
  fields: (name) => form.getAll(name),
});
