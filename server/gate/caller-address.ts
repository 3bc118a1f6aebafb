import { isIP, isIPv6 } from 'node:net';
import type { AddressList } from '../outbound/address-list.ts';

/**
 * The address of a caller. Behind proxies that the operator has declared it is the last one in `X-Forwarded-For` that is
 * none of theirs: what stands before it anybody may have written. '' where the connection is gone.
 */
export function callerAddress(
  remote: string | undefined,
  forwarded: string | undefined,
  proxies: AddressList,
): string {
  let caller = plainAddress(remote ?? '');
  for (const hop of (forwarded?.split(',') ?? []).reverse()) {
    if (caller === '' || !proxies.has(caller)) break;
    const before = plainAddress(hop.trim());
    if (isIP(before) === 0) break;
    caller = before;
  }
  return caller;
}

/** IPv4 in IPv6 is the same host; proxies may write a port. */
function plainAddress(text: string): string {
  const address = /^\[(.+)\](?::\d+)?$/.exec(text)?.[1] ?? text.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1');
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
}

/** What limits count by: an IPv4 address, or the /64 of an IPv6 one, which a single host has to itself. */
export function addressKey(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros =
    tail === undefined ? [] : Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  const groups = [...before, ...zeros, ...after].map((group) => group.replace(/^0+(?=.)/, '').toLowerCase());
  return `${groups.slice(0, 4).join(':')}::/64`;
}
