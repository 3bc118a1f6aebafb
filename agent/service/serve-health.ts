import { createServer, type Server } from 'node:http';
import { QgjobError } from '../../protocol/errors.ts';
import type { AgentHealth } from './agent-health.ts';

/**
 * Answers on this port, for this host alone: `/health/live` as long as the process works, `/health/ready` with 200 where
 * it can run tests and with 503 where it cannot; both with what is known. Port 0 takes a free one. Answers the port.
 * Errors: `invalid` where the port is taken.
 */
export async function serveHealth(
  port: number,
  read: () => AgentHealth,
): Promise<{ readonly port: number; close(): void }> {
  const server = createServer((request, response) => {
    const health = read();
    const status = statusFor(request.method, request.url, health);
    const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
    response.writeHead(status, headers).end(`${JSON.stringify(status === 404 ? notFound : health)}\n`);
  });
  await listen(server, port);
  // It keeps no process alive, and no process waits for its callers.
  server.unref();
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { port: (server.address() as { port: number }).port, close };
}

const notFound = {
  error: { code: 'not_found', message: 'this agent answers /health/live and /health/ready' },
};

function statusFor(method: string | undefined, url: string | undefined, { status }: AgentHealth): number {
  if (method !== 'GET' && method !== 'HEAD') return 404;
  if (url === '/health/live') return 200;
  if (url === '/health/ready') return status === 'ready' ? 200 : 503;
  return 404;
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: Error) =>
      reject(new QgjobError('invalid', `health_port: port ${port} cannot be used: ${error.message}`)),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
