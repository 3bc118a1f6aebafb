import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { Answered, SentInit } from './send.ts';

/** Not by `import`: that reads all its exports, also WebSocket, with which `fetch` is loaded. */
const http = process.getBuiltinModule('node:http');

/**
 * Sends a call without `fetch`: loading that takes nearly as long as the start of Node, which a person feels with each
 * command. For bodies that are whole; streams, and an environment that sets a proxy, go through `fetch`. Errors: those of
 * the socket, or the reason of the signal.
 */
export async function sendHttp(url: string, init: SentInit): Promise<Answered> {
  const isWhole = init.body === undefined || typeof init.body === 'string';
  if (!isWhole || isProxied()) return fetch(url, init as RequestInit) as Promise<Answered>;
  const answer = await ask(url, init);
  const status = answer.statusCode ?? 0;
  return {
    status,
    ok: status >= 200 && status < 300,
    headers: { get: (name) => headerOf(answer, name) },
    body: readBody(answer, init.signal),
  };
}

/** Node's own setting (NODE_USE_ENV_PROXY); the words for what a proxy refuses are known of `fetch` alone. */
const isProxied = (): boolean =>
  (http.globalAgent as Agent & { options: { proxyEnv?: unknown } }).options.proxyEnv !== undefined;

async function ask(url: string, { method, headers, body, signal }: SentInit): Promise<IncomingMessage> {
  const open = url.startsWith('https:') ? process.getBuiltinModule('node:https').request : http.request;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const call: ClientRequest = open(url, { method, headers: headers as Record<string, string>, signal });
  call.once('response', resolve);
  // Also after the answer has begun: what is not listened to would end the process.
  call.on('error', (error) => reject(signal?.aborted ? signal.reason : error));
  call.end(body as string | undefined);
  return promise;
}

function headerOf({ headers }: IncomingMessage, name: string): string | null {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : (value ?? null);
}

async function* readBody(
  answer: IncomingMessage,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    yield* unpacked(answer);
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  } finally {
    // One that cannot be unpacked, or is not read to its end, would keep its socket, and with it the process.
    answer.destroy();
  }
}

/** Nothing packed is asked for, but something in between may pack all the same. */
function unpacked(answer: IncomingMessage): AsyncIterable<Uint8Array> {
  const coding = answer.headers['content-encoding'] ?? 'identity';
  if (coding === 'identity') return answer;
  // Not by `await import`: an error in the meantime would have no listener.
  const { createBrotliDecompress, createUnzip } = process.getBuiltinModule('node:zlib');
  const unpack = coding === 'br' ? createBrotliDecompress() : createUnzip();
  answer.once('error', (error) => unpack.destroy(error));
  return answer.pipe(unpack);
}
