import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type RouteName, routes } from '../../protocol/routes.ts';

/** What a proxy answers instead of the server. */
export interface ProxyAnswer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The call still reaches the server; the server's answer is dropped. */
  readonly isLate?: boolean;
}

interface ProxiedCall {
  readonly route: RouteName | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/**
 * Undefined forwards the call. `lost` forwards it and cuts the connection instead of an answer, `cut` does so before the
 * server gets it, and `held` keeps the caller waiting for ever.
 */
export type ProxyRule = (call: ProxiedCall) => ProxyAnswer | 'lost' | 'cut' | 'held' | undefined;

export interface TestProxy {
  readonly url: string;
  /** Number of calls that the proxy answered itself, by route. */
  readonly answered: Map<RouteName | undefined, number>;
  close(): void;
}

/**
 * A proxy before a server. It forwards the calls that its rule lets through, long polls too. With a base path it
 * answers 404 to all other paths.
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
    const call = { route, headers: incoming.headers, body };
    const answer = isBelow ? rule(call) : { status: 404, body: '<title>No such site</title>' };
    if (answer) answered.set(route, (answered.get(route) ?? 0) + 1);
    if (answer === 'held') return;
    if (answer === 'cut') return void outgoing.destroy();
    if (answer && answer !== 'lost' && !answer.isLate) return sendAnswer(outgoing, answer);
    forward(`${target}${path}`, incoming, body, outgoing, answer);
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
  replacement: ProxyAnswer | 'lost' | undefined,
): void {
  const { method, headers } = incoming;
  const upstream = request(url, { method, headers }, (answer) => {
    if (replacement) {
      answer.resume().once('end', () => {
        if (replacement === 'lost') outgoing.destroy();
        else sendAnswer(outgoing, replacement);
      });
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
