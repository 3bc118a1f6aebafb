import { created, empty, route } from './route.ts';

/** The calls about tokens. */
export const tokenRoutes = {
  createToken: route('POST', '/v1/tokens', 'admin', 'Make a token; it is shown once', created),
  whoami: route('GET', '/v1/whoami', 'any', 'What the token of this call is: its org, scopes and end'),
  listTokens: route('GET', '/v1/tokens', 'admin', 'List tokens, without their secrets'),
  deleteToken: route(
    'DELETE',
    '/v1/tokens/:id',
    'own',
    'Revoke a token, and all that were made by it',
    empty,
  ),
  rotateToken: route(
    'POST',
    '/v1/tokens/:id/rotate',
    'own',
    'Replace a token by another one, which is shown once; the old one ends after an overlap',
    created,
  ),
} as const;
