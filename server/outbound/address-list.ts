import { BlockList, isIP, isIPv6 } from 'node:net';

/** Addresses and ranges of them. */
export interface AddressList {
  /** Throws for what is no address. */
  has(address: string): boolean;
}

const familyOf = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4');

/** An address or a range, `10.0.0.0/8`, as its parts; undefined for anything else. */
export function parseRange(text: string): { address: string; bits: number } | undefined {
  const [, address = '', given] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  if (isIP(address) === 0) return undefined;
  const most = isIPv6(address) ? 128 : 32;
  const bits = given === undefined ? most : Number(given);
  return bits <= most ? { address, bits } : undefined;
}

/** What is no address or range in the list is left out. */
export function addressList(ranges: readonly string[]): AddressList {
  const list = new BlockList();
  for (const text of ranges) {
    const range = parseRange(text);
    if (range) list.addSubnet(range.address, range.bits, familyOf(range.address));
  }
  return {
    has(given) {
      // The zone of a link-local address (`fe80::1%eth0`) is none of the list's business.
      const address = given.replace(/%.*$/, '');
      // BlockList looks through IPv4 in IPv6 (::ffff:10.0.0.1) by itself.
      return list.check(address, familyOf(address));
    },
  };
}
