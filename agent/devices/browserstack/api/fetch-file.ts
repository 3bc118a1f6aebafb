import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { ofetch } from 'ofetch';
import { isLoopback } from '../../../../client/server-url.ts';
import { authorizationOf, type StackApi } from './call.ts';

const mostHops = 3;

/**
 * Fetches a file of a session to `path`, by way of `path.part`. False where it is not there yet: refused, gone, empty, or cut.
 * The account goes to BrowserStack alone; the file may lie elsewhere, at an address that is good for a while.
 */
export async function fetchFile(
  api: StackApi,
  link: string,
  path: string,
  signal: AbortSignal,
): Promise<boolean> {
  const part = `${path}.part`;
  try {
    const body = await open(api, link, signal);
    if (body === undefined) return false;
    await pipeline(Readable.fromWeb(body), createWriteStream(part, { mode: 0o600 }));
    if ((await stat(part)).size === 0) return false;
    await rename(part, path);
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  } finally {
    await rm(part, { force: true });
  }
}

async function open(api: StackApi, link: string, signal: AbortSignal): Promise<ReadableStream | undefined> {
  let url = new URL(link);
  for (let hop = 0; hop <= mostHops; hop += 1) {
    if (!isSafe(api, url)) return undefined;
    const response = await ofetch.raw(url.href, {
      headers: isTheirs(api, url) ? { authorization: authorizationOf(api) } : {},
      responseType: 'stream',
      ignoreResponseError: true,
      retry: 0,
      redirect: 'manual',
      signal,
    });
    const next = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && next) {
      url = new URL(next, url);
      continue;
    }
    return response.status === 200 ? ((response.body as ReadableStream | null) ?? undefined) : undefined;
  }
  return undefined;
}

/** Plain http only of a stand-in, to one. */
const isSafe = ({ base }: StackApi, { protocol, hostname }: URL): boolean =>
  protocol === 'https:' || (protocol === 'http:' && base.startsWith('http:') && isLoopback(hostname));

/** The host of the API, and those below browserstack.com. */
const isTheirs = ({ base }: StackApi, { host, hostname, protocol }: URL): boolean =>
  host === new URL(base).host || (protocol === 'https:' && /(?:^|\.)browserstack\.com$/.test(hostname));
