import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Answer, missingIn, parseAnswer } from './parse-answer.ts';

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** Servers close what is idle for 5 s; a call that meets the close would be lost. */
const idleMs = 4000;

/**
 * A keep-alive connection that carries one call at a time. It exists because node:http and fetch cost a client more than
 * the call costs the server: on two cores they, and not the server, would be what is measured.
 */
export class Connection {
  readonly #url: URL;
  #socket: Socket | undefined;
  #usedAt = 0;
  #waiting: Waiting | undefined;
  #chunks: Buffer[] = [];
  #missing: number | undefined;
  #closed = false;

  private constructor(url: URL) {
    this.#url = url;
  }

  static async open(url: string): Promise<Connection> {
    const connection = new Connection(new URL(url));
    await connection.#connect();
    return connection;
  }

  /** `headers` are whole lines, each with its line end. Rejects when the connection ends first. */
  async send(method: string, path: string, headers: string, body = ''): Promise<Answer> {
    const isFresh = performance.now() - this.#usedAt < idleMs;
    const socket = (isFresh && this.#socket) || (await this.#connect());
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      socket.write(
        `${method} ${path} HTTP/1.1\r\nhost: ${this.#url.host}\r\n${headers}` +
          `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    });
  }

  /** Ends it at once; a call under way rejects, and so does a later one. */
  close(): void {
    this.#closed = true;
    this.#socket?.destroy();
  }

  async #connect(): Promise<Socket> {
    if (this.#closed) throw new Error('the connection was closed');
    this.#socket?.destroy();
    const socket = connect(Number(this.#url.port), this.#url.hostname);
    await once(socket, 'connect');
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => this.#fail(socket, error));
    socket.on('close', () => this.#fail(socket, new Error('the server closed the connection')));
    this.#usedAt = performance.now();
    this.#socket = socket;
    return socket;
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#missing = this.#missing === undefined ? missingIn(chunk) : this.#missing - chunk.length;
    if (this.#missing > 0) return;
    const answer = parseAnswer(this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks));
    this.#chunks = [];
    this.#missing = undefined;
    this.#usedAt = performance.now();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(answer);
  }

  #fail(socket: Socket, error: Error): void {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
  }
}
