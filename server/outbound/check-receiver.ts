import { isIP } from 'node:net';
import { isBlockedPort } from '../../protocol/blocked-ports.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { Allowed } from './allowed-addresses.ts';

/** The host of a URL as Node resolves it: an IPv6 address without its brackets. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');

const listIt = 'the operator can list it in QGJOB_WEBHOOK_ALLOW';

/**
 * Refuses an address that no webhook may have. Where a name leads is not asked here but at each call, since that changes.
 * Errors: `invalid`, in words.
 */
export function checkReceiver(text: string, allowed: Allowed): void {
  const url = URL.parse(text);
  if (!url) throw new QgjobError('invalid', 'url: this is no address');
  const host = hostOf(url);
  const refuse = (why: string): never => {
    throw new QgjobError('invalid', `url: ${why}`);
  };
  if (url.username !== '' || url.password !== '') refuse('leave user and password out of it');
  if (url.hash !== '') refuse('leave out what follows #');
  if (url.port !== '' && isBlockedPort(Number(url.port))) refuse(`port ${url.port} is of another protocol`);
  if (isIP(host) !== 0 && !allowed.hasHost(host) && !allowed.mayCall(host))
    refuse(`${host} is an address of a private network or of this host; ${listIt}`);
  if (url.protocol === 'https:') return;
  if (url.protocol !== 'http:') refuse('only https is called');
  // A name may lead to a listed address: the call itself looks at that.
  const mayBeListed = isIP(host) === 0 ? allowed.isSome : allowed.hasAddress(host);
  if (!mayBeListed) refuse(`plain http is for receivers inside alone; use https, or ${listIt}`);
}
