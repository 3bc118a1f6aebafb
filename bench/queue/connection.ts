import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A keep-alive connection that carries one call at a time. It exists because node:http and fetch cost a client more than
 * the call costs the server: on two cores they, and not the server, would be what is measured.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #host: string;
  #waiting: Waiting | undefined;
  #chunks: Buffer[] = [];
  #missing: number | undefined;

  private constructor(socket: Socket, host: string) {
    this.#socket = socket;
    this.#host = host;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  static open(url: string): Promise<Connection> {
    const { hostname, port, host } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Connection(socket, host));
      });
    });
  }

  /** `headers` are whole lines, each with its line end. Rejects when the connection ends first. */
  send(method: string, path: string, headers: string, body = ''): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(
        `${method} ${path} HTTP/1.1\r\nhost: ${this.#host}\r\n${headers}` +
          `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    });
  }

  /** Ends it at once; a call under way rejects. */
  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    if (this.#missing !== undefined) this.#missing -= chunk.length;
    else this.#missing = missingIn(chunk);
    if (this.#missing !== 0) return;
    const answer = parseAnswer(this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks));
    this.#chunks = [];
    this.#missing = undefined;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(answer);
  }

  #fail(error: Error): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
  }
}

const headEnd = '\r\n\r\n';

/** Bytes of the answer still to come. The servers here send the head in one piece and always say the length. */
function missingIn(first: Buffer): number {
  const end = first.indexOf(headEnd);
  const head = first.toString('latin1', 0, end);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (end < 0 || (length === undefined && !/^HTTP\/1\.1 (204|304)/.test(head))) {
    throw new Error(`an answer without a length: ${first.toString('latin1', 0, 300)}`);
  }
  return Number(length ?? 0) - (first.length - end - headEnd.length);
}

function parseAnswer(bytes: Buffer): Answer {
  const end = bytes.indexOf(headEnd);
  return {
    status: Number(bytes.toString('latin1', 9, 12)),
    text: bytes.toString('utf8', end + headEnd.length),
  };
}
