import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** A request to the stand-in, read whole. */
export interface StandInCall {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  /** The body, which must be JSON of that content type. */
  json(): Record<string, unknown>;
  /** The body, which must be a form of several parts. */
  form(): Promise<FormData>;
}

export interface StandInReply {
  readonly status?: number;
  readonly json?: unknown;
  readonly html?: string;
  readonly bytes?: Uint8Array;
}

export async function readStandInCall(request: IncomingMessage): Promise<StandInCall> {
  const bytes = await buffer(request);
  const url = new URL(request.url ?? '/', 'http://stand-in');
  const type = request.headers['content-type'] ?? '';
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    authorization: request.headers.authorization,
    json: () => {
      if (!type.startsWith('application/json'))
        throw new Error(`the body is ${type || 'of no type'}, not JSON`);
      return JSON.parse(bytes.toString('utf8'));
    },
    form: () => {
      if (!type.startsWith('multipart/form-data;'))
        throw new Error(`the body is ${type || 'of no type'}, not a form`);
      return new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData();
    },
  };
}

export function writeStandInReply(
  response: ServerResponse,
  { status = 200, json, html, bytes }: StandInReply,
): void {
  const type = html !== undefined ? 'text/html' : bytes ? 'application/octet-stream' : 'application/json';
  response.writeHead(status, { 'content-type': type });
  response.end(html ?? bytes ?? JSON.stringify(json));
}
