import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** One direction of a connection. */
interface Direction {
  readonly from: Socket;
  readonly to: Socket;
  /** Delayed bytes are under way; later bytes must not overtake them. */
  isBusy: boolean;
}

/** Connects to the first of these ports that takes a connection, as a load balancer does. */
function connectTo([port = 0, ...others]: readonly number[], use: (socket: Socket) => void): void {
  const socket = connect(port, '127.0.0.1');
  if (others.length === 0) use(socket);
  else
    socket
      .once('connect', () => {
        socket.removeAllListeners('error');
        use(socket);
      })
      .once('error', () => connectTo(others, use));
}

/** One connection through the link. */
interface Pair {
  readonly directions: readonly Direction[];
  /** No bytes pass any more, and neither end is notified. */
  isStranded: boolean;
}

/**
 * A network link between clients and the server on which faults can be injected, as they occur in networks: bytes are
 * delayed, stop for a while or for ever, or the connection is reset.
 */
export class Link {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #ports: readonly number[];
  #delayMs = 0;
  #isSilent = false;
  #isCut = false;

  private constructor(ports: readonly number[]) {
    this.#ports = ports;
    this.#server = createServer((client) => this.#accept(client));
  }

  /** Forwards to a port of this machine: the first of these, or the next one where nobody listens there. */
  static async open(ports: readonly number[]): Promise<Link> {
    const link = new Link(ports);
    await new Promise<void>((resolve) => link.#server.listen(0, '127.0.0.1', resolve));
    return link;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Stops all bytes until `heal`; then they are delivered. */
  silence(): void {
    this.#isSilent = true;
    for (const { from } of this.#directions()) from.pause();
  }

  /** Delivers every piece of data this much later. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** Resets every connection, new ones too. */
  cut(): void {
    this.#isCut = true;
    for (const pair of this.#pairs) this.#reset(pair);
  }

  /** New connections go to the next port first; those that exist are reset, as by a load balancer that was moved. */
  move(): void {
    const [first = 0, ...others] = this.#ports;
    this.#ports = [...others, first];
    for (const pair of this.#pairs) this.#reset(pair);
  }

  /** Existing connections pass no bytes any more; new ones work. Like a router that lost its state. */
  strand(): void {
    for (const pair of this.#pairs) pair.isStranded = true;
  }

  heal(): void {
    this.#isSilent = false;
    this.#isCut = false;
    this.#delayMs = 0;
    for (const direction of this.#directions()) this.#listen(direction);
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #directions(): Direction[] {
    return [...this.#pairs].flatMap(({ directions }) => directions);
  }

  #accept(client: Socket): void {
    client.on('error', () => client.destroy());
    connectTo(this.#ports, (server) => this.#join(client, server));
  }

  #join(client: Socket, server: Socket): void {
    const directions = [
      { from: client, to: server, isBusy: false },
      { from: server, to: client, isBusy: false },
    ];
    const pair: Pair = { directions, isStranded: false };
    this.#pairs.add(pair);
    for (const direction of directions) {
      direction.from.on('data', (bytes: Buffer) => this.#forward(pair, direction, bytes));
      direction.from.on('error', () => this.#reset(pair));
      direction.from.on('close', () => this.#reset(pair));
      this.#listen(direction);
    }
    if (this.#isCut) this.#reset(pair);
  }

  #listen({ from, isBusy }: Direction): void {
    if (this.#isSilent || isBusy) from.pause();
    else from.resume();
  }

  #forward(pair: Pair, direction: Direction, bytes: Buffer): void {
    if (pair.isStranded) return;
    if (this.#delayMs === 0) {
      direction.to.write(bytes);
      return;
    }
    direction.isBusy = true;
    this.#listen(direction);
    setTimeout(() => {
      direction.to.write(bytes);
      direction.isBusy = false;
      this.#listen(direction);
    }, this.#delayMs);
  }

  /** A stranded connection keeps its other end open. */
  #reset(pair: Pair): void {
    if (pair.isStranded && !this.#isCut) return;
    this.#pairs.delete(pair);
    for (const { from } of pair.directions) if (!from.destroyed) from.resetAndDestroy();
  }
}
