import { connect, type Socket } from 'node:net';

/** Something that goes on until it is ended. */
export interface Attack {
  /** How often each status was answered; `closed`: the connection ended without one. */
  readonly answers: Readonly<Record<string, number>>;
  end(): Promise<void>;
}

interface Attempt {
  /** What each connection sends. */
  readonly text: (n: number) => string;
  readonly count: number;
  /** Reads only the first line of the answer, and then nothing more. */
  readonly isDeaf?: boolean;
  /** Each connection ends as soon as it has its answer. */
  readonly isBrief?: boolean;
}

const atOnce = 50;
const patienceMs = 1000;

/** Connections that send something and stay, opened some at a time. Resolves once each was answered, or was not for a second. */
async function attack(url: string, { text, count, isDeaf, isBrief }: Attempt): Promise<Attack> {
  const { hostname, port } = new URL(url);
  const answers: Record<string, number> = {};
  const sockets = new Set<Socket>();
  const open = (n: number): Promise<void> =>
    new Promise((resolve) => {
      const socket = connect(Number(port), hostname);
      sockets.add(socket);
      const answered = (what: string): void => {
        answers[what] = (answers[what] ?? 0) + 1;
        clearTimeout(timer);
        if (isDeaf) socket.pause();
        if (isBrief) socket.destroy();
        resolve();
      };
      const timer = setTimeout(answered, patienceMs, 'none');
      socket.once('connect', () => socket.write(text(n)));
      socket.once('data', (data) => answered(/^HTTP\/1\.1 (\d{3})/.exec(String(data))?.[1] ?? 'other'));
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        if (socket.bytesRead === 0) answered('closed');
      });
    });
  for (let n = 0; n < count; n += atOnce)
    await Promise.all(Array.from({ length: Math.min(atOnce, count - n) }, (_, place) => open(n + place)));
  return {
    answers,
    async end() {
      const ended = [...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
      for (const socket of sockets) socket.destroy();
      await Promise.all(ended);
    },
  };
}

/** A call as it goes over the wire. */
const get = (path: string, token: string): string =>
  `GET ${path} HTTP/1.1\r\nhost: attacked\r\nauthorization: Bearer ${token}\r\n\r\n`;

/** Calls whose headers never end. */
export const halfOpen = (url: string, count: number): Promise<Attack> =>
  attack(url, { count, text: () => 'GET /v1/jobs HTTP/1.1\r\nhost: attacked\r\nx-slow: ' });

/** Streams of events that nobody ends. */
export const idleStreams = (url: string, token: string, count: number): Promise<Attack> =>
  attack(url, { count, text: () => get('/v1/events', token) });

/** Calls with tokens that are well-formed but unknown, each on a connection of its own. */
export const badTokens = (url: string, count: number, tokenOf: () => string): Promise<Attack> =>
  attack(url, { count, isBrief: true, text: () => get('/v1/jobs', tokenOf()) });

/** Downloads whose caller reads nothing of them. */
export const deafReaders = (url: string, token: string, path: string, count: number): Promise<Attack> =>
  attack(url, { count, isDeaf: true, text: () => get(path, token) });
