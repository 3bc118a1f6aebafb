import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type RouteName, routes } from '../../protocol/routes.ts';

/** What something between client and server says in the server's place. */
export interface ProxyAnswer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The call reaches the server all the same, and its answer is lost. */
  readonly isLate?: boolean;
}

export interface ProxiedCall {
  readonly route: RouteName | undefined;
  readonly body: Buffer;
}

/** Undefined lets the call through. */
export type ProxyRule = (call: ProxiedCall) => ProxyAnswer | undefined;

export interface TestProxy {
  readonly url: string;
  /** Calls that were answered in the server's place, by route. */
  readonly answered: Map<RouteName | undefined, number>;
  close(): void;
}

/**
 * A proxy in front of a server: it forwards what its rule lets through, long polls too. With a base path, what is not
 * below it is not the server's business.
 */
export async function startProxy(target: string, rule: ProxyRule, basePath = ''): Promise<TestProxy> {
  const answered: TestProxy['answered'] = new Map();
  const proxy = createServer(async (incoming, outgoing) => {
    const body = await buffer(incoming).catch(() => undefined);
    if (!body) return void outgoing.destroy();
    const url = incoming.url ?? '';
    const isBelow = url.startsWith(`${basePath}/`);
    const path = url.slice(basePath.length);
    const route = routeOf(incoming.method, path);
    const page = isBelow ? rule({ route, body }) : { status: 404, body: '<title>No such site</title>' };
    if (page) answered.set(route, (answered.get(route) ?? 0) + 1);
    if (page && !page.isLate) return sendAnswer(outgoing, page);
    forward(`${target}${path}`, incoming, body, outgoing, page);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    proxy.closeAllConnections();
    proxy.close();
  };
  const { port } = proxy.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}${basePath}`, answered, close };
}

function sendAnswer(outgoing: ServerResponse, { status, body, headers }: ProxyAnswer): void {
  outgoing.writeHead(status, { 'content-type': 'text/html', ...headers }).end(body);
}

function forward(
  url: string,
  incoming: IncomingMessage,
  body: Buffer,
  outgoing: ServerResponse,
  page: ProxyAnswer | undefined,
): void {
  const { method, headers } = incoming;
  const upstream = request(url, { method, headers }, (answer) => {
    if (page) {
      answer.resume().once('end', () => sendAnswer(outgoing, page));
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  upstream.once('error', () => outgoing.destroy());
  outgoing.once('close', () => upstream.destroy());
  upstream.end(body);
}

function routeOf(method: string | undefined, url: string): RouteName | undefined {
  const path = url.replace(/\?.*$/, '');
  const found = Object.entries(routes).find(
    ([, route]) =>
      route.method === method && new RegExp(`^${route.path.replaceAll(/:\w+/g, '[^/]+')}$`).test(path),
  );
  return found?.[0] as RouteName | undefined;
}
