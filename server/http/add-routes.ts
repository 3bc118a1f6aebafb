import type { Context, Hono } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Logger } from 'pino';
import { QgjobError } from '../../protocol/errors.ts';
import { legacyRoutes } from '../../protocol/legacy-routes.ts';
import { type RouteName, routes } from '../../protocol/routes.ts';
import type { Authenticator } from '../auth/authenticate.ts';
import type { LiveCalls } from '../auth/live-calls.ts';
import { mayCall } from '../auth/principal.ts';
import { actorOf } from '../calls/actor-of.ts';
import { admitCaller, holdAnswer } from '../calls/admit-caller.ts';
import { addressOf } from '../calls/caller-address.ts';
import { errorAnswer } from '../calls/error-answer.ts';
import { errorLine } from '../calls/error-line.ts';
import type { FileReply } from '../calls/file-reply.ts';
import { type CallWatch, type Env, shownPath } from '../calls/log-requests.ts';
import { noteRefusal } from '../calls/note-refusal.ts';
import { sendChunks } from '../calls/send-chunks.ts';
import { needsToken } from '../calls/viewer-of.ts';
import { watchCall } from '../calls/watch-call.ts';
import type { Gate } from '../gate/gate.ts';
import { adminHandlers } from './admin.ts';
import { createAgentHandlers } from './agents.ts';
import { appVersionHandlers } from './app-versions.ts';
import { artifactHandlers } from './artifacts.ts';
import { auditHandlers } from './audit.ts';
import { serveAudited } from './audit-call.ts';
import { backupHandlers } from './backup.ts';
import { borrowHandlers } from './borrows.ts';
import { bundleHandlers } from './bundles.ts';
import { eventHandlers } from './events.ts';
import { githubHandlers } from './github.ts';
import { type Call, type Handler, type Handlers, type HttpDeps, isReply } from './handler.ts';
import { healthHandlers } from './health.ts';
import { jobHandlers } from './jobs.ts';
import { leaseHandlers } from './leases.ts';
import { quarantineHandlers } from './quarantines.ts';
import { readIdempotencyKey, readInput } from './read-call.ts';
import { runHandlers } from './runs.ts';
import { testHandlers } from './tests.ts';
import { uploadHandlers } from './uploads.ts';
import { webhookHandlers } from './webhooks.ts';

export interface RouterOptions {
  readonly deps: HttpDeps;
  readonly authenticator: Authenticator;
  readonly liveCalls: LiveCalls;
  readonly log: Logger;
  readonly watch: CallWatch;
  readonly gate: Gate;
}

/** Adds every route of the tables. Each call goes this way: authorise → parse → handler → JSON. */
export function addRoutes(app: Hono<Env>, options: RouterOptions): void {
  const handlers: Handlers = {
    ...runHandlers,
    ...jobHandlers,
    ...createAgentHandlers(),
    ...borrowHandlers,
    ...leaseHandlers,
    ...artifactHandlers,
    ...bundleHandlers,
    ...uploadHandlers,
    ...appVersionHandlers,
    ...adminHandlers,
    ...githubHandlers,
    ...testHandlers,
    ...quarantineHandlers,
    ...eventHandlers,
    ...webhookHandlers,
    ...auditHandlers,
    ...backupHandlers,
    ...healthHandlers,
  };
  // Answered and not thrown: what is thrown here passes by the middleware that counts and logs calls.
  app.notFound((c) => refuse(c, noSuchCall(c), options));
  for (const [name, { method, path }] of Object.entries(routes)) {
    addRoute(app, method, path, name as RouteName, handlers, options);
  }
  const others = [...legacyRoutes, { method: 'GET', path: '/', route: 'health' as const }];
  for (const { method, path, route } of others) addRoute(app, method, path, route, handlers, options);
}

const noSuchCall = ({ req }: Context): QgjobError =>
  new QgjobError(
    'not_found',
    `no such call: ${req.method} ${shownPath(req.path)}; GET /openapi.json lists them`,
  );

/** The token is checked before the body is read, so that strangers cannot fill the server's memory with bodies. */
function addRoute(
  app: Hono<Env>,
  method: string,
  path: string,
  name: RouteName,
  handlers: Handlers,
  { deps, authenticator, liveCalls, gate }: RouterOptions,
): void {
  const serve = handlers[name] as Handler<RouteName>;
  app.on(method, path, nameRoute(path), authorise(name, authenticator, gate), async (c) => {
    const header = c.req.header('authorization');
    const address = addressOf(c, gate);
    const principal = c.get('principal');
    const signal = watchCall(c, liveCalls, principal?.tokenId ? [principal.tokenId] : []);
    const call = {
      ...(await readInput(c, name)),
      params: c.req.param(),
      ...{ address, principal, by: actorOf(principal, { address, requestId: c.get('requestId') }) },
      idempotencyKey: readIdempotencyKey(c),
      header: (name: string) => c.req.header(name),
      signal,
      recheck: () => authenticator.recheck(header),
    } as unknown as Call<RouteName>;
    return reply(c, name, await serveAudited(deps, name, call, () => serve(deps, call)), { gate, signal });
  });
}

const nameRoute = (path: string) =>
  createMiddleware<Env>((c, next) => {
    c.set('route', path);
    return next();
  });

/** Refuses a call whose token has not the route's scope. Errors: `unauthorized`, `forbidden`, `rate_limited`. */
function authorise(name: RouteName, authenticator: Authenticator, gate: Gate) {
  const { scope } = routes[name];
  return createMiddleware<Env>(async (c, next) => {
    if (scope !== 'open') {
      const principal = await authenticator.authenticate(c.req.header('authorization'), addressOf(c, gate));
      c.set('principal', principal);
      admitCaller(c, principal, gate);
      if (!mayCall(principal, scope)) throw needsToken(scope);
    }
    await next();
  });
}

/** The answer to what a handler has thrown; errors of the server itself are logged. */
export function refuse(
  c: Context<Env>,
  error: unknown,
  { deps, gate, log, watch }: Omit<RouterOptions, 'authenticator'>,
): Response {
  noteRefusal(c, error, deps.audit.refused, gate);
  const { status, headers, body } = errorAnswer(error, c.get('requestId'));
  if (body.error.code === 'internal') watch.failed();
  if (status >= 500) {
    const route = `${c.req.method} ${c.get('route') ?? 'other'}`;
    const place = { route, request_id: body.error.request_id, org_id: c.get('principal')?.orgId };
    log.error(errorLine(error, place), body.error.message);
  }
  return c.json(body, status as ContentfulStatusCode, headers);
}

function reply(
  c: Context,
  name: RouteName,
  result: unknown,
  { gate, signal }: { readonly gate: Gate; readonly signal: AbortSignal },
): Response | Promise<Response> {
  if (isFile(result)) return sendChunks(c, result, signal);
  const { status, answer } = isReply(result) ? result : { status: routes[name].status, answer: result };
  if (answer === undefined) return c.body(null, 204);
  if (answer instanceof Uint8Array) {
    c.header('content-type', 'text/plain; charset=utf-8');
    return c.body(answer as Uint8Array<ArrayBuffer>, 200);
  }
  if (status === 503) c.header('retry-after', '1');
  const text = JSON.stringify(answer);
  holdAnswer(c, c.get('principal'), text, gate);
  return c.body(text, status as ContentfulStatusCode, { 'content-type': 'application/json' });
}

const isFile = (result: unknown): result is FileReply =>
  typeof result === 'object' && result !== null && 'chunks' in result;
