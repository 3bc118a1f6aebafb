import { createHash } from 'node:crypto';
import type { CookieOptions } from 'hono/utils/cookie';

/**
 * The name of the cookie of a database. Where browsers reach the server by https it begins with `__Host-`: then they take it
 * from this host alone, by https, and no neighbour under the same domain can set another one in its place. `key`: one of the
 * database, hex; of its digest 32 bits are shown.
 */
export function cookieName(key: string, publicUrl: string): string {
  const id = createHash('sha256').update(`cookie name ${key}`).digest('hex').slice(0, 8);
  return `${isSecure(publicUrl) ? '__Host-' : ''}qgjob_${id}`;
}

/** Only over https where that is how browsers reach the server: else they would not send it back. */
export const cookieOptions = (publicUrl: string, basePath: string): CookieOptions => ({
  ...{ httpOnly: true, sameSite: 'Lax' },
  // `__Host-` is for whole hosts.
  ...(isSecure(publicUrl) ? { path: '/', secure: true } : { path: basePath || '/' }),
});

const isSecure = (url: string): boolean => new URL(url).protocol === 'https:';
