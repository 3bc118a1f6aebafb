export interface DeclaredServer {
  readonly url?: string | undefined;
  readonly port?: number | undefined;
}

const loopback = new Set(['localhost', '127.0.0.1', '[::1]', '0.0.0.0', '[::]']);

/** The ports of this host that web servers of a configuration take. A server elsewhere takes none. */
export function neededPorts(servers: readonly DeclaredServer[]): number[] {
  const ports = servers.flatMap(({ url, port }) => (url === undefined ? (port ?? []) : (portOf(url) ?? [])));
  return [...new Set(ports)].sort((a, b) => a - b);
}

function portOf(url: string): number | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname, port } = new URL(url);
  if (!loopback.has(hostname)) return undefined;
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}
