import { HttpClient } from '@actions/http-client';
import { fetch } from 'undici';
import { QgjobError } from '../protocol/errors.ts';

/**
 * A `fetch` through the proxy of the runner, by the rules of GitHub's toolkit (HTTPS_PROXY, HTTP_PROXY, NO_PROXY; never for
 * this machine). Node's own knows a proxy only where it is started for one. Undefined where no proxy is in the way. Errors:
 * `invalid`, without the proxy's address, which may hold a password.
 */
export function proxyFetch(serverUrl: string): typeof globalThis.fetch | undefined {
  const dispatcher = dispatcherFor(serverUrl);
  if (dispatcher === undefined) return undefined;
  const call = (url: unknown, init: object | undefined) => fetch(url as string, { ...init, dispatcher });
  return call as unknown as typeof globalThis.fetch;
}

function dispatcherFor(serverUrl: string) {
  try {
    return new HttpClient().getAgentDispatcher(serverUrl);
  } catch {
    throw new QgjobError('invalid', "the runner's proxy (HTTPS_PROXY or HTTP_PROXY) is no address of one");
  }
}
