import { addressList, parseRange } from './address-list.ts';

/**
 * Addresses that an org may not make the server call: this host, private and link-local networks, metadata services of
 * clouds, and what leads to them in other clothes (NAT64, 6to4, Teredo).
 */
const refused: readonly string[] = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24'],
  ...['203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4', '168.63.129.16/32'],
  ...['::/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/32', '2001:db8::/32', '2002::/16'],
  ...['fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
];

const refusedList = addressList(refused);

const hostPattern = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/** True for what `QGJOB_WEBHOOK_ALLOW` may list: an address, a range or the name of a host. */
export const isAllowable = (text: string): boolean =>
  parseRange(text) !== undefined || (hostPattern.test(text.toLowerCase()) && !/^[\d.]+$/.test(text));

/** Which receivers of webhooks may be called. */
export interface Allowed {
  /** The operator listed something. */
  readonly isSome: boolean;
  /** The operator listed this host by its name: wherever it leads. */
  hasHost(host: string): boolean;
  /** The operator listed this address, itself or in a range. */
  hasAddress(address: string): boolean;
  /** It is public, or the operator listed it. */
  mayCall(address: string): boolean;
}

/** `list`: addresses, ranges and names of hosts that an operator allows beside the public addresses. */
export function allowedAddresses(list: readonly string[]): Allowed {
  const ranges = addressList(list);
  const hosts = new Set(
    list.filter((text) => parseRange(text) === undefined).map((text) => text.toLowerCase()),
  );
  const hasAddress = (address: string) => ranges.has(address);
  return {
    isSome: list.length > 0,
    hasHost: (host) => hosts.has(host.toLowerCase()),
    hasAddress,
    mayCall: (address) => hasAddress(address) || !refusedList.has(address),
  };
}
