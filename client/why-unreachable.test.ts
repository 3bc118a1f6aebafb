import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { makeCertificate } from '../test/support/tls.ts';
import { createClient } from './client.ts';
import { isLasting, whyUnreachable } from './why-unreachable.ts';

test.each([
  ['ECONNREFUSED', 'Is the server running there?'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'set NODE_EXTRA_CA_CERTS to its file'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'set NODE_EXTRA_CA_CERTS to its file'],
  ['CERT_NOT_YET_VALID', 'Is the clock of this machine right?'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'is for another name'],
])('%s is told with what to look at', (reason, words) => {
  const told = whyUnreachable(new Error('fetch failed'), reason);
  expect(told).toContain(reason);
  expect(told).toContain(words);
});

test('a proxy that makes no tunnel is told by its answer, however deep the error is', () => {
  const tunnel = new Error('Proxy response (407) !== 200 when HTTP Tunneling');
  const error = new Error('fetch failed', { cause: new Error('Request was cancelled.', { cause: tunnel }) });
  for (const one of [tunnel, error])
    expect(whyUnreachable(one, 'fetch failed')).toContain('the proxy on the way answered 407');
});

test('a proxy that has no way at the moment may have one soon, one that refuses has none', () => {
  const answered = (status: number) => new Error(`Proxy response (${status}) !== 200 when HTTP Tunneling`);
  const isLastingOf = (status: number) => isLasting(answered(status), 'fetch failed');
  expect([407, 403, 502, 503].map(isLastingOf)).toEqual([true, true, false, false]);
  expect(isLasting(new Error('fetch failed'), 'ECONNREFUSED')).toBe(false);
});

test('a server whose certificate nobody knows is tried once', async () => {
  const server = createServer(makeCertificate([]));
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expect(createClient({ url }).call('health')).rejects.toThrow(/NODE_EXTRA_CA_CERTS/);
  expect(connections).toBe(1);
});
