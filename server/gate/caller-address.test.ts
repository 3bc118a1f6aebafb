import { expect, test } from 'vitest';
import { addressList } from '../outbound/address-list.ts';
import { addressKey, callerAddress } from './caller-address.ts';

const proxies = addressList(['10.0.0.0/8', 'fd00::/8']);

test.each([
  ['no proxy is between', '203.0.113.7', undefined, '203.0.113.7'],
  ['a stranger names another address', '203.0.113.7', '198.51.100.1', '203.0.113.7'],
  ['a proxy names the caller', '10.0.0.5', '203.0.113.7', '203.0.113.7'],
  ['the caller has written something before', '10.0.0.5', '198.51.100.1, 203.0.113.7', '203.0.113.7'],
  ['two proxies are between', '10.0.0.5', '203.0.113.7, 10.0.0.6', '203.0.113.7'],
  ['all are proxies', '10.0.0.5', '10.0.0.7, 10.0.0.6', '10.0.0.7'],
  ['the proxy writes a port', '10.0.0.5', '203.0.113.7:4711', '203.0.113.7'],
  ['IPv6 with a port', 'fd00::1', '[2001:db8::7]:4711', '2001:db8::7'],
  ['IPv4 in IPv6', '::ffff:10.0.0.5', '203.0.113.7', '203.0.113.7'],
  ['what the proxy names is no address', '10.0.0.5', 'unknown', '10.0.0.5'],
  ['nothing is named', '10.0.0.5', '', '10.0.0.5'],
  ['the connection is gone', undefined, '203.0.113.7', ''],
])('where %s', (_, remote, forwarded, caller) => {
  expect(callerAddress(remote, forwarded, proxies)).toBe(caller);
});

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['', ''],
])('%s counts as %s', (address, key) => {
  expect(addressKey(address)).toBe(key);
});
