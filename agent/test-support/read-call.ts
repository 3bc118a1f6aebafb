import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import { contracts } from '../../protocol/contracts.ts';
import { type RouteName, routes } from '../../protocol/routes.ts';

/** One call that the agent made. */
export interface Call {
  readonly name: RouteName;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** JSON as it was sent, or bytes. */
  readonly body: unknown;
  readonly token: string | undefined;
  /** Why the server would refuse it. */
  readonly invalid?: string | undefined;
}

/** Reads a call as the real server does: by its route, checked by the shapes of the protocol. */
export async function readCall(request: IncomingMessage): Promise<Call> {
  const url = new URL(request.url ?? '/', 'http://fake');
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { name, params } = findRoute(request.method ?? '', url.pathname);
  const bytes = Buffer.concat(chunks);
  const isJson = request.headers['content-type']?.startsWith('application/json') && bytes.length > 0;
  const body = isJson ? (JSON.parse(bytes.toString()) as unknown) : bytes;
  const token = request.headers.authorization?.replace(/^Bearer /, '');
  const invalid = whyInvalid(name, body, Object.fromEntries(url.searchParams));
  return { name, params, query: url.searchParams, body, token, invalid };
}

function findRoute(method: string, path: string): Pick<Call, 'name' | 'params'> {
  for (const [name, route] of Object.entries(routes)) {
    const pattern = new RegExp(`^${route.path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
    const match = route.method === method ? pattern.exec(path) : null;
    if (match) return { name: name as RouteName, params: { ...match.groups } };
  }
  throw new Error(`the fake server knows no ${method} ${path}`);
}

function whyInvalid(name: RouteName, body: unknown, query: unknown): string | undefined {
  const contract = contracts[name] as { readonly body?: unknown; readonly query?: unknown };
  const checks: [unknown, unknown][] = [
    [contract.body, body],
    [contract.query, query],
  ];
  for (const [shape, value] of checks) {
    const { error } = shape instanceof z.ZodType ? shape.safeParse(value) : {};
    if (error) return `${name}: ${z.prettifyError(error)}`;
  }
  return undefined;
}
