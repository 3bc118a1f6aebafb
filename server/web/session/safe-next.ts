/**
 * The page below /ui to go on with after the sign-in: whatever a link says, it is a path of this dashboard. Anything else
 * is the front page.
 */
export const safeNext = (next: string | undefined): string =>
  next !== undefined &&
  /^\/(?!\/)[\w.~!$&'()*+,;=:@%/?-]{0,1000}$/.test(next) &&
  !/(^|\/)\.\.?(\/|$)/.test(next)
    ? next
    : '/';
