import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { errorAnswer } from '../../calls/error-answer.ts';
import { errorLine } from '../../calls/error-line.ts';
import { noteRefusal } from '../../calls/note-refusal.ts';
import { listOrgs } from '../../queue/orgs/index.ts';
import type { Shown } from '../page.ts';
import type { WebEnv, WebOptions } from '../web-env.ts';
import { errorPage } from './error-page.tsx';
import { render } from './render.tsx';
import type { View } from './view.ts';

/** So many orgs are offered as a list; where there are more, one types the name. */
const mostOrgs = 100;

export async function sendPage(
  c: Context<WebEnv>,
  options: WebOptions,
  shown: Shown,
  status: ContentfulStatusCode = 200,
): Promise<Response> {
  return c.html(render({ ...viewOf(c, options), orgs: await orgsFor(c, options) }, shown), status);
}

/** What was thrown, as a page. It reads no database: that may be what is wrong. */
export function sendError(c: Context<WebEnv>, options: WebOptions, error: unknown): Response {
  const { status, headers, body } = errorAnswer(error, c.get('requestId'));
  const { 'www-authenticate': _, ...sent } = headers;
  // Who has no session, or one that has ended, has sent no token that is bad.
  if (body.error.code !== 'unauthorized') noteRefusal(c, error, options.deps.audit.refused, options.gate);
  if (body.error.code === 'internal') options.watch.failed();
  if (status >= 500) {
    const route = `${c.req.method} ${c.get('route') ?? 'other'}`;
    const place = { route, request_id: body.error.request_id, org_id: c.get('principal')?.orgId };
    options.log.error(errorLine(error, place), body.error.message);
  }
  const html = render(viewOf(c, options), errorPage(status, body.error));
  return c.html(html, status as ContentfulStatusCode, sent);
}

function viewOf(c: Context<WebEnv>, { deps, assets, basePath }: WebOptions): View {
  return {
    base: basePath,
    now: deps.queue.now(),
    assetHash: assets.hash,
    version: deps.version,
    requestId: c.get('requestId'),
    session: c.get('session'),
    orgId: c.get('session') && (c.req.query('org') || undefined),
    orgs: undefined,
  };
}

async function orgsFor(c: Context<WebEnv>, { deps }: WebOptions): Promise<string[] | undefined> {
  if (!c.get('session')?.principal.isOperator) return undefined;
  const { orgs, next_cursor: next } = await listOrgs(deps.queue, { limit: mostOrgs });
  return next === null ? orgs.map(({ org_id: id }) => id) : undefined;
}
