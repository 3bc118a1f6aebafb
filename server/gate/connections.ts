import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface ConnectionCaps {
  /** Open connections at a time. */
  readonly most: number;
  /** Of one address, unless it is a proxy's. */
  readonly mostPerAddress: number;
  /** The key of an address; undefined for proxies, which speak for many. */
  readonly keyOf: (address: string | undefined) => string | undefined;
}

/** The connections of one address. */
interface Peer {
  count: number;
  /** Without a call in progress: half-open, or kept for the next one; the oldest first. */
  readonly quiet: Set<Socket>;
}

const refusal = [
  'HTTP/1.1 503 Service Unavailable',
  ...['retry-after: 1', 'content-length: 0', 'connection: close', '', ''],
].join('\r\n');

/**
 * Keeps connections from using up the server's descriptors. Where there are too many, the one that has been quiet for the
 * longest time makes room: whoever only opens connections takes them from themselves and never from a call in progress.
 */
export class Connections {
  readonly #caps: ConnectionCaps;
  readonly #peers = new Map<string | undefined, Peer>();
  readonly #peerOf = new Map<Socket, Peer>();
  /** Calls in progress: several on one connection where a client does not wait for answers. */
  readonly #calls = new Map<Socket, number>();
  readonly #quiet = new Set<Socket>();

  constructor(caps: ConnectionCaps) {
    this.#caps = caps;
  }

  get count(): number {
    return this.#peerOf.size;
  }

  watch(server: Server): void {
    server.on('connection', (socket) => this.#admit(socket));
    server.on('request', (request, response) => this.#serve(request, response));
  }

  #admit(socket: Socket): void {
    const key = this.#caps.keyOf(socket.remoteAddress);
    const peer = this.#peers.get(key) ?? { count: 0, quiet: new Set() };
    if (!this.#hasRoom(key, peer)) {
      socket.on('error', () => undefined);
      socket.write(refusal);
      socket.destroySoon();
      return;
    }
    peer.count += 1;
    this.#peers.set(key, peer);
    this.#peerOf.set(socket, peer);
    this.#rest(socket, peer);
    socket.once('close', () => this.#forget(socket, key));
  }

  #hasRoom(key: string | undefined, peer: Peer): boolean {
    if (key !== undefined && peer.count >= this.#caps.mostPerAddress) return this.#end(peer.quiet);
    return this.count < this.#caps.most || this.#end(this.#quiet);
  }

  /** Ends the oldest of these; false where there is none. */
  #end(quiet: ReadonlySet<Socket>): boolean {
    const [oldest] = quiet;
    if (!oldest) return false;
    this.#forget(oldest, this.#caps.keyOf(oldest.remoteAddress));
    oldest.destroy();
    return true;
  }

  #serve({ socket }: IncomingMessage, response: ServerResponse): void {
    const peer = this.#peerOf.get(socket);
    if (!peer) return;
    peer.quiet.delete(socket);
    this.#quiet.delete(socket);
    this.#calls.set(socket, (this.#calls.get(socket) ?? 0) + 1);
    response.once('close', () => this.#answered(socket, peer));
  }

  /** Only the last of its calls leaves a connection quiet. */
  #answered(socket: Socket, peer: Peer): void {
    if (!this.#peerOf.has(socket)) return;
    const left = (this.#calls.get(socket) ?? 1) - 1;
    if (left > 0) this.#calls.set(socket, left);
    else {
      this.#calls.delete(socket);
      this.#rest(socket, peer);
    }
  }

  #rest(socket: Socket, peer: Peer): void {
    peer.quiet.add(socket);
    this.#quiet.add(socket);
  }

  #forget(socket: Socket, key: string | undefined): void {
    const peer = this.#peerOf.get(socket);
    if (!peer) return;
    this.#peerOf.delete(socket);
    this.#calls.delete(socket);
    this.#quiet.delete(socket);
    peer.quiet.delete(socket);
    peer.count -= 1;
    if (peer.count === 0 && this.#peers.get(key) === peer) this.#peers.delete(key);
  }
}
