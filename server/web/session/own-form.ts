import { QgjobError } from '../../../protocol/errors.ts';

type Header = (name: string) => string | undefined;

/**
 * Refuses a form that a page of another site has sent. Browsers say where a form comes from: newer ones in
 * `Sec-Fetch-Site`, but only over https and to this machine; all of them in `Origin`. `ours`: the origin of the public
 * address; where that is https, a form comes from that very origin, and not from the same host by http. Errors: `forbidden`.
 */
export function refuseForeignForm(header: Header, ours: string): void {
  const site = header('sec-fetch-site');
  const origin = header('origin');
  const isOurs = origin === undefined || origin === ours;
  if (ours.startsWith('https:') && !isOurs) throw notOurs(origin, ours);
  if (site !== undefined) {
    if (site === 'same-origin' || site === 'none') return;
    throw foreign(`from a page of another site (${site})`);
  }
  // Without an origin it is no browser: it has no cookie of somebody else either.
  if (isOurs || URL.parse(origin)?.host === header('host')) return;
  throw notOurs(origin, ours);
}

const notOurs = (origin: string, ours: string) =>
  foreign(
    `from ${origin}, and this server is ${ours}: if that is the same, set QGJOB_PUBLIC_URL to the address in the browser`,
  );

const foreign = (from: string) => new QgjobError('forbidden', `this form came ${from}; nothing was changed`);
