import { expect, test } from 'vitest';
import { allowedAddresses, isAllowable } from './allowed-addresses.ts';
import { checkReceiver } from './check-receiver.ts';

const none = allowedAddresses([]);

test.each([
  ...['127.0.0.1', '127.9.9.9', '0.0.0.0', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
  ...['169.254.169.254', '100.64.0.1', '100.100.100.200', '168.63.129.16', '224.0.0.1', '255.255.255.255'],
  ...['::', '::1', 'fc00::1', 'fd00:ec2::254', 'fe80::1', 'fe80::1%eth0', 'ff02::1', '64:ff9b::a00:1'],
  ...['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '::ffff:169.254.169.254', '::127.0.0.1'],
  ...['2002:7f00:1::', '2001::1'],
])('%s is not called', (address) => {
  expect(none.mayCall(address)).toBe(false);
});

test.each(['1.1.1.1', '172.32.0.1', '100.128.0.1', '9.255.255.255', '2606:4700::1111', '::ffff:8.8.8.8'])(
  '%s is public',
  (address) => {
    expect(none.mayCall(address)).toBe(true);
  },
);

test('the operator lists addresses, ranges and names', () => {
  const allowed = allowedAddresses(['10.1.0.0/16', '127.0.0.1', 'fd12::/16', 'Hooks.Internal']);
  for (const address of ['10.1.2.3', '127.0.0.1', '::ffff:10.1.2.3', 'fd12::7'])
    expect(allowed.mayCall(address)).toBe(true);
  for (const address of ['10.2.0.1', '127.0.0.2', 'fd13::7']) expect(allowed.mayCall(address)).toBe(false);
  expect([allowed.hasHost('hooks.internal'), allowed.hasHost('other.internal')]).toEqual([true, false]);
});

test.each(['10.0.0.0/8', '::1', 'fd00::/8', 'hooks.internal', 'localhost'])('%s may be listed', (text) => {
  expect(isAllowable(text)).toBe(true);
});

test.each(['10.0.0.0/33', '10.0.0', '300.1.1.1', 'https://x', 'a b', 'fd00::/129', '*.internal', ''])(
  '%j may not be listed',
  (text) => {
    expect(isAllowable(text)).toBe(false);
  },
);

test.each([
  ['http://hooks.example.com/x', 'plain http'],
  ['https://127.0.0.1/x', 'private network'],
  ['https://2130706433/x', 'private network'],
  ['https://0x7f.1/x', 'private network'],
  ['https://0177.0.0.1/x', 'private network'],
  ['https://[::1]/x', 'private network'],
  ['https://[::ffff:127.0.0.1]/x', 'private network'],
  ['https://169.254.169.254/latest', 'private network'],
  ['https://user:pass@example.com/', 'leave user and password out'],
  ['https://example.com/#x', 'leave out what follows #'],
  ['https://example.com:25/', 'port 25'],
  ['ftp://example.com/', 'only https'],
  ['nothing', 'no address'],
])('a webhook at %s is refused', (url, says) => {
  expect(() => checkReceiver(url, none)).toThrow(says);
});

test('https is fine, and plain http where the operator listed something that it may lead to', () => {
  checkReceiver('https://example.com:8443/a?b=c', none);
  const allowed = allowedAddresses(['10.1.0.0/16']);
  checkReceiver('http://10.1.0.7:8080/', allowed);
  checkReceiver('http://hooks.internal/', allowed);
  expect(() => checkReceiver('http://1.1.1.1/', allowed)).toThrow('plain http');
});
