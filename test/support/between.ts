import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type RouteName, routes } from '../../protocol/routes.ts';

/** What something between client and server says in the server's place. */
export interface Page {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The call reaches the server all the same, and its answer is lost. */
  readonly isLate?: boolean;
}

export interface Passing {
  readonly route: RouteName | undefined;
  readonly body: Buffer;
}

/** Undefined lets the call through. */
export type Rule = (call: Passing) => Page | undefined;

export interface Between {
  readonly url: string;
  /** Calls that were answered in the server's place, by route. */
  readonly answered: Map<RouteName | undefined, number>;
  close(): void;
}

/** A proxy in front of a server: it forwards what its rule lets through, held calls too. */
export async function standBetween(target: string, rule: Rule): Promise<Between> {
  const answered: Between['answered'] = new Map();
  const proxy = createServer(async (incoming, outgoing) => {
    const body = await buffer(incoming).catch(() => undefined);
    if (!body) return void outgoing.destroy();
    const route = routeOf(incoming);
    const page = rule({ route, body });
    if (page) answered.set(route, (answered.get(route) ?? 0) + 1);
    if (page && !page.isLate) return say(outgoing, page);
    forward(target, incoming, body, outgoing, page);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    proxy.closeAllConnections();
    proxy.close();
  };
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, answered, close };
}

function say(outgoing: ServerResponse, { status, body, headers }: Page): void {
  outgoing.writeHead(status, { 'content-type': 'text/html', ...headers }).end(body);
}

function forward(
  target: string,
  incoming: IncomingMessage,
  body: Buffer,
  outgoing: ServerResponse,
  page: Page | undefined,
): void {
  const { method, headers } = incoming;
  const upstream = request(`${target}${incoming.url}`, { method, headers }, (answer) => {
    if (page) {
      answer.resume().once('end', () => say(outgoing, page));
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  upstream.once('error', () => outgoing.destroy());
  outgoing.once('close', () => upstream.destroy());
  upstream.end(body);
}

function routeOf({ method, url = '' }: IncomingMessage): RouteName | undefined {
  const path = url.replace(/\?.*$/, '');
  const found = Object.entries(routes).find(
    ([, route]) =>
      route.method === method && new RegExp(`^${route.path.replaceAll(/:\w+/g, '[^/]+')}$`).test(path),
  );
  return found?.[0] as RouteName | undefined;
}
