/**
 * The page below /ui to go on with after the sign-in: whatever a link says, it is a path of this dashboard. Anything else
 * is the front page.
 */
export const safeNext = (next: string | undefined): string =>
  next !== undefined && /^\/(?!\/)[\w.~!$&'()*+,;=:@%/?-]{0,1000}$/.test(next) && staysBelow(next)
    ? next
    : '/';

/** Whether a browser goes where the path says: to one it reads `..`, and `%2e%2e` too, as the way up. */
function staysBelow(next: string): boolean {
  const { origin, pathname } = new URL(`${here}/ui${next}`);
  return origin === here && pathname === `/ui${next.split('?')[0]}`;
}

const here = 'http://localhost';
