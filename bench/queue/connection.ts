import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** Servers close a connection that is idle for 5 s. A call sent at that moment would be lost. */
const idleMs = 4000;

/**
 * A keep-alive connection that carries one call at a time. With node:http or fetch a call costs the client more than
 * the server; on two cores the benchmark would then measure the client.
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

  /** `headers` are whole lines, each with its line end. Rejects when the connection ends before the answer. */
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

  /** Ends the connection at once. The current call rejects, and so does every later one. */
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

const headEnd = '\r\n\r\n';

/** Bytes of the answer that are still to come. The servers here send the head in one piece, with a content-length. */
function missingIn(first: Buffer): number {
  const end = first.indexOf(headEnd);
  const head = first.toString('latin1', 0, end);
  if (end < 0 || /\r\ntransfer-encoding:/i.test(head)) {
    throw new Error(`an answer without a length: ${first.toString('latin1', 0, 300)}`);
  }
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  return length - (first.length - end - headEnd.length);
}

function parseAnswer(bytes: Buffer): Answer {
  const end = bytes.indexOf(headEnd);
  return {
    status: Number(bytes.toString('latin1', 9, 12)),
    text: bytes.toString('utf8', end + headEnd.length),
  };
}
