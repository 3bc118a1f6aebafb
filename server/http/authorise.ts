import { createMiddleware } from 'hono/factory';
import { QgjobError } from '../../protocol/errors.ts';
import { type RouteName, routes } from '../../protocol/routes.ts';
import type { Authenticator } from '../auth/authenticate.ts';
import { mayCall } from '../auth/principal.ts';
import type { Env } from './log-requests.ts';

/** Lets a call pass whose token has the route's scope. Errors: `unauthorized`, `forbidden`. */
export function authorise(name: RouteName, authenticator: Authenticator) {
  const { scope } = routes[name];
  return createMiddleware<Env>(async (c, next) => {
    if (scope !== 'open') {
      const principal = await authenticator.authenticate(c.req.header('authorization'));
      c.set('principal', principal);
      if (!mayCall(principal, scope)) {
        const needed = scope === 'operator' ? "the operator's token" : `a token with the scope ${scope}`;
        throw new QgjobError('forbidden', `this call needs ${needed}`);
      }
    }
    await next();
  });
}
