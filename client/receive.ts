import { limits } from '../protocol/limits.ts';
import { isOfAgents, type RouteName } from '../protocol/routes.ts';
import type { Answered, HeaderValues } from './send.ts';

/** An answer, not checked yet: the server or anything in between sent it. */
export interface Received {
  readonly status: number;
  readonly headers: HeaderValues;
  readonly bytes: Uint8Array;
  /** It was longer than any answer of the server; the rest was not read. */
  readonly isCut: boolean;
}

const mebibyte = 1024 * 1024;
// In bytes. A page of a run has 8 MiB of tests and those of one more job at most, an attempt 4 MiB; an agent gets a few
// jobs at a time.
const mostBytes = { error: mebibyte, agent: 16 * mebibyte, other: 64 * mebibyte };

/** Reads an answer to its end, or to the limit: something in between may never stop sending. */
export async function receive(name: RouteName, response: Answered): Promise<Received> {
  const most = response.ok ? mostOf(name) : mostBytes.error;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    // Leaving the loop closes the connection.
    if (size > most) break;
  }
  const { status, headers } = response;
  return { status, headers, bytes: join(chunks, size), isCut: size > most };
}

function mostOf(name: RouteName): number {
  if (name === 'getArtifact') return limits.artifactBytes;
  if (name === 'getBundle' || name === 'getLeaseSource') return limits.bundleBytes;
  return isOfAgents(name) ? mostBytes.agent : mostBytes.other;
}

function join(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const [first] = chunks;
  if (first && chunks.length === 1) return first;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

const longestMs = 3_600_000;

/** The Retry-After of an answer, in ms, an hour at most. A date, as proxies send it, is read by the sender's clock. */
export function retryAfterMs(headers: HeaderValues): number | undefined {
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  const ms = /^\d+$/.test(text)
    ? Number(text) * 1000
    : Date.parse(text) - Date.parse(headers.get('date') ?? '');
  return ms >= 0 ? Math.min(ms, longestMs) : undefined;
}
