import { expect, test } from 'vitest';
import { whyUnreachable } from './why-unreachable.ts';

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
