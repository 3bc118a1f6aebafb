import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** One direction of a connection. */
interface Direction {
  readonly from: Socket;
  readonly to: Socket;
  /** Something is on its way, late; what comes after it must not overtake it. */
  isBusy: boolean;
}

/** One connection through the link. */
interface Pair {
  readonly ways: readonly Direction[];
  /** Neither end hears of the other any more, and nobody tells them. */
  isStranded: boolean;
}

/**
 * A piece of network between clients and the server, which can be disturbed. What it does to a connection is what
 * networks do: bytes come late, or not for a while, or never, or a reset comes instead.
 */
export class Link {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  readonly #port: number;
  #delayMs = 0;
  #isSilent = false;
  #isCut = false;

  private constructor(port: number) {
    this.#port = port;
    this.#server = createServer((near) => this.#accept(near));
  }

  /** Leads to a port of this machine. */
  static async open(port: number): Promise<Link> {
    const link = new Link(port);
    await new Promise<void>((resolve) => link.#server.listen(0, '127.0.0.1', resolve));
    return link;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Nothing comes through until it heals; then everything does, late. */
  silence(): void {
    this.#isSilent = true;
    for (const { from } of this.#ways()) from.pause();
  }

  /** Every piece of data comes this much later. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** Resets every connection, and every new one. */
  cut(): void {
    this.#isCut = true;
    for (const pair of this.#pairs) this.#reset(pair);
  }

  /** The connections of now stay silent for ever; new ones work. What a router does that forgot about them. */
  strand(): void {
    for (const pair of this.#pairs) pair.isStranded = true;
  }

  heal(): void {
    this.#isSilent = false;
    this.#isCut = false;
    this.#delayMs = 0;
    for (const way of this.#ways()) this.#listen(way);
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #ways(): Direction[] {
    return [...this.#pairs].flatMap(({ ways }) => ways);
  }

  #accept(near: Socket): void {
    const far = connect(this.#port, '127.0.0.1');
    const ways = [
      { from: near, to: far, isBusy: false },
      { from: far, to: near, isBusy: false },
    ];
    const pair: Pair = { ways, isStranded: false };
    this.#pairs.add(pair);
    for (const way of ways) {
      way.from.on('data', (bytes: Buffer) => this.#forward(pair, way, bytes));
      way.from.on('error', () => this.#reset(pair));
      way.from.on('close', () => this.#reset(pair));
      this.#listen(way);
    }
    if (this.#isCut) this.#reset(pair);
  }

  #listen({ from, isBusy }: Direction): void {
    if (this.#isSilent || isBusy) from.pause();
    else from.resume();
  }

  #forward(pair: Pair, way: Direction, bytes: Buffer): void {
    if (pair.isStranded) return;
    if (this.#delayMs === 0) {
      way.to.write(bytes);
      return;
    }
    way.isBusy = true;
    this.#listen(way);
    setTimeout(() => {
      way.to.write(bytes);
      way.isBusy = false;
      this.#listen(way);
    }, this.#delayMs);
  }

  /** A stranded one keeps its other end open: that is what makes it one. */
  #reset(pair: Pair): void {
    if (pair.isStranded && !this.#isCut) return;
    this.#pairs.delete(pair);
    for (const { from } of pair.ways) if (!from.destroyed) from.resetAndDestroy();
  }
}
