import { lookup } from 'node:dns/promises';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { shortLine } from '../../protocol/clean-text.ts';
import type { Allowed } from './allowed-addresses.ts';
import { hostOf } from './check-receiver.ts';

export interface Address {
  readonly address: string;
  readonly family: number;
}

export interface OutsideCall {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly allowed: Allowed;
  /** All together, ms. */
  readonly timeoutMs: number;
  /** Fires when the server stops. */
  readonly signal: AbortSignal;
  /** The addresses of a name; by default those that the system knows. */
  readonly resolve?: ((host: string) => Promise<readonly Address[]>) | undefined;
}

export interface OutsideAnswer {
  readonly status: number;
  /** What `Retry-After` asks for, ms. */
  readonly askedMs: number | undefined;
}

/** Bytes of an answer that are read; nothing in them is needed. */
const answerBytes = 64 * 1024;
const headerBytes = 16 * 1024;

/**
 * One POST to an address that somebody outside has chosen. It connects to the very addresses that were checked, follows no
 * redirect and reads little of the answer. Errors: Error with a line that says why there is no answer.
 */
export async function postOutside(call: OutsideCall): Promise<OutsideAnswer> {
  const url = new URL(call.url);
  const timeout = AbortSignal.timeout(call.timeoutMs);
  const signal = AbortSignal.any([call.signal, timeout]);
  try {
    const addresses = await inTime(signal, findAddresses(url, call));
    return await send(url, call, addresses, signal);
  } catch (error) {
    if (timeout.aborted) throw new Error(`no answer within ${call.timeoutMs / 1000} s`);
    throw new Error(wordsOf(error), { cause: error });
  }
}

/** Where the URL leads. Errors where any of that may not be called: an answer of DNS with both is no accident. */
async function findAddresses(
  url: URL,
  { allowed, resolve = resolveName }: OutsideCall,
): Promise<readonly Address[]> {
  const host = hostOf(url);
  const family = isIP(host);
  const addresses = family === 0 ? await resolve(host) : [{ address: host, family }];
  if (addresses.length === 0) throw new Error('unknown host');
  const isListed = allowed.hasHost(host);
  const bad = addresses.find(({ address }) => !isListed && !allowed.mayCall(address));
  if (bad)
    throw new Error(`${host} leads to ${bad.address}, an address of a private network or of this host`);
  const isPlain = url.protocol !== 'https:';
  if (isPlain && !isListed && !addresses.every(({ address }) => allowed.hasAddress(address)))
    throw new Error('plain http is for receivers alone that the operator has listed');
  return addresses;
}

const resolveName = (host: string): Promise<readonly Address[]> => lookup(host, { all: true });

function send(
  url: URL,
  { headers, body }: OutsideCall,
  addresses: readonly Address[],
  signal: AbortSignal,
): Promise<OutsideAnswer> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      // No connection is kept: the next call checks its addresses anew.
      ...{ method: 'POST', agent: false, lookup: pinnedTo(addresses), signal, maxHeaderSize: headerBytes },
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const answer = { status: response.statusCode ?? 0, askedMs: askedMs(response.headers['retry-after']) };
      const done = () => resolve(answer);
      drain(response, done);
    });
    sent.end(body);
  });
}

/** Reads the answer to its end or to the limit. The status counts, however the rest goes. */
function drain(response: IncomingMessage, done: () => void): void {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > answerBytes) response.destroy();
  });
  response.on('error', done);
  response.on('close', done);
}

/** Answers the addresses that were checked, whatever name is asked for. */
const pinnedTo = (addresses: readonly Address[]): LookupFunction =>
  ((_host: string, options: { all?: boolean }, callback: (...answer: unknown[]) => void) => {
    if (options.all) callback(null, addresses);
    else callback(null, addresses[0]?.address, addresses[0]?.family);
  }) as LookupFunction;

/** `Retry-After` in seconds; a date is read by nobody here. */
function askedMs(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) * 1000 : undefined;
}

function inTime<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new Error('stopped'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

const failures: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection broke',
  EPIPE: 'the connection broke',
  ENOTFOUND: 'unknown host',
  EAI_AGAIN: 'unknown host for now: DNS does not answer',
  EHOSTUNREACH: 'no way to the host',
  ENETUNREACH: 'no way to the host',
  HPE_HEADER_OVERFLOW: 'the headers of the answer are too long',
};

function wordsOf(error: unknown): string {
  const { code = '', message = 'failed' } = error as { code?: string; message?: string };
  return shortLine(failures[code] ?? (message || code), 200);
}
