import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Logger } from 'pino';
import { contracts } from '../../protocol/contracts.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { legacyRoutes, type RouteName, routes } from '../../protocol/routes.ts';
import type { Authenticator } from '../auth/authenticate.ts';
import { mayCall, type Principal } from '../auth/principal.ts';
import { adminHandlers } from './admin.ts';
import { createAgentHandlers } from './agents.ts';
import { answerError } from './error-answer.ts';
import type { Call, Handler, Handlers, HttpDeps } from './handler.ts';
import { healthHandlers } from './health.ts';
import { jobHandlers } from './jobs.ts';
import { leaseHandlers } from './leases.ts';
import { type Env, logRequests } from './log-requests.ts';
import { maxBodyOf, readIdempotencyKey, readInput } from './read-call.ts';
import { runHandlers } from './runs.ts';

export interface RouterOptions {
  readonly deps: HttpDeps;
  readonly authenticator: Authenticator;
  readonly log: Logger;
}

/** Adds every route of the table, served by its handler: authorise → parse → verb → JSON. */
export function addRoutes(app: Hono<Env>, options: RouterOptions): void {
  const handlers: Handlers = {
    ...runHandlers,
    ...jobHandlers,
    ...createAgentHandlers(),
    ...leaseHandlers,
    ...adminHandlers,
    ...healthHandlers,
  };
  app.use(logRequests(options.log));
  app.onError((error, c) => answerError(c, error, c.get('requestId'), options.log));
  app.notFound((c) => {
    throw new QgjobError(
      'not_found',
      `no such call: ${c.req.method} ${c.req.path}; GET /openapi.json lists them`,
    );
  });
  for (const [name, { method, path }] of Object.entries(routes)) {
    addRoute(app, method, path, name as RouteName, handlers, options);
  }
  for (const { method, path, route } of legacyRoutes) addRoute(app, method, path, route, handlers, options);
}

function addRoute(
  app: Hono<Env>,
  method: string,
  path: string,
  name: RouteName,
  handlers: Handlers,
  { deps, authenticator }: RouterOptions,
): void {
  const maxSize = maxBodyOf(name);
  const tooLarge = () => {
    throw new QgjobError('too_large', `the body is larger than the ${maxSize} bytes that this call takes`);
  };
  const serve = handlers[name] as Handler<RouteName>;
  app.on(method, path, bodyLimit({ maxSize, onError: tooLarge }), async (c) => {
    const principal = await authorise(c, name, authenticator);
    const input = await readInput(c, name);
    const call = {
      ...input,
      params: c.req.param(),
      principal,
      idempotencyKey: readIdempotencyKey(c),
      signal: c.req.raw.signal,
    } as Call<RouteName>;
    return reply(c, name, await serve(deps, call));
  });
}

/** The token is looked at before the body is read. */
async function authorise(
  c: Context<Env>,
  name: RouteName,
  authenticator: Authenticator,
): Promise<Principal | undefined> {
  const { scope } = routes[name];
  if (scope === 'open') return undefined;
  const principal = await authenticator.authenticate(c.req.header('authorization'));
  c.set('orgId', principal.orgId);
  if (!mayCall(principal, scope)) {
    throw new QgjobError('forbidden', `this call needs a token with the scope ${scope}`);
  }
  return principal;
}

function reply(c: Context, name: RouteName, result: unknown): Response {
  const contract = contracts[name];
  const { status, answer } = isReply(result) ? result : { status: contract.status as number, answer: result };
  if (answer === undefined) return c.body(null, 204);
  if (answer instanceof Uint8Array) {
    // What tests print is shown as text, whatever it looks like.
    c.header('content-type', 'text/plain; charset=utf-8');
    c.header('x-content-type-options', 'nosniff');
    return c.body(answer as Uint8Array<ArrayBuffer>, 200);
  }
  return c.json(answer, status as ContentfulStatusCode);
}

const isReply = (result: unknown): result is { status: number; answer: unknown } =>
  typeof result === 'object' &&
  result !== null &&
  'answer' in result &&
  typeof (result as { status?: unknown }).status === 'number';
