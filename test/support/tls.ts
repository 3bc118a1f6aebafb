import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer as createHttp, request, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { tempFolder } from './queue.ts';

export interface Certificate {
  /** The file of its own authority, for NODE_EXTRA_CA_CERTS. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** A certificate of nobody that is known, for these names and for 127.0.0.1. */
export function makeCertificate(names: readonly string[]): Certificate {
  const folder = tempFolder();
  const [keyFile, ca] = [join(folder, 'key.pem'), join(folder, 'ca.pem')];
  const hosts = ['IP:127.0.0.1', ...names.map((name) => `DNS:${name}`)].join(',');
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const about = ['-subj', '/CN=qgjob test', '-addext', `subjectAltName=${hosts}`];
  execFileSync('openssl', ['req', '-x509', ...kind, ...about, '-keyout', keyFile, '-out', ca], {
    stdio: 'ignore',
  });
  return { ca, cert: readFileSync(ca, 'utf8'), key: readFileSync(keyFile, 'utf8') };
}

/** An https server before a server on loopback; answers its port. `pathOf` says where a path leads there. */
export function startTlsFront(
  { cert, key }: Certificate,
  target: string,
  pathOf: (path: string) => string = (path) => path,
): Promise<number> {
  const front = createHttps({ cert, key }, (incoming, outgoing) => {
    const { method, headers, url = '/' } = incoming;
    const inner = request(`${target}${pathOf(url)}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    inner.on('error', () => outgoing.destroy());
    outgoing.on('close', () => inner.destroy());
    incoming.pipe(inner);
  });
  return listen(front);
}

export interface ForwardProxy {
  readonly url: string;
  /** The hosts and ports that it was asked for. */
  readonly asked: string[];
}

/** A proxy of a network: it connects to hosts that only it knows, by their name and port. */
export async function startForwardProxy(
  ports: Readonly<Record<string, number>>,
  login?: string,
): Promise<ForwardProxy> {
  const asked: string[] = [];
  const wanted = login && `Basic ${Buffer.from(login).toString('base64')}`;
  const proxy = createHttp();
  proxy.on('connect', ({ url = '', headers }, socket) => {
    asked.push(url);
    socket.on('error', () => socket.destroy());
    const port = ports[url];
    if (wanted && headers['proxy-authorization'] !== wanted)
      return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    if (port === undefined) return socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\n');
    const inner = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      inner.pipe(socket).pipe(inner);
    });
    inner.on('error', () => socket.destroy());
    socket.on('close', () => inner.destroy());
  });
  return { url: `http://127.0.0.1:${await listen(proxy)}`, asked };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
