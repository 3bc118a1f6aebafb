import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../support/random.ts';
import { orgs } from './options.ts';
import { randomFor, type Soak } from './soak-lab.ts';

const actor = 3_000_000;
/** Of one rough client. */
const pauseMs = 500;
const longestMs = 3000;

/** What a rough client does with its connection: sends bytes, and what it does then. */
interface Manner {
  readonly name: string;
  readonly send: (head: Head, random: Random) => string | Buffer;
  /** Reads nothing, so that the answer waits in the server. */
  readonly isSlow?: true;
  /** How long it stays, ms, unless the server ends the connection. */
  readonly staysMs: number;
}

/** The head of a request, with the token of an org. */
type Head = (method: string, path: string, length: number) => string;

const sha256 = 'ab'.repeat(32);

const manners: readonly Manner[] = [
  {
    name: 'no HTTP',
    send: () => Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3, 0, 255, 10]),
    staysMs: 500,
  },
  { name: 'no JSON', send: (head) => `${head('POST', '/v1/runs', 9)}{"tests":`, staysMs: 300 },
  { name: 'wrong shape', send: (head) => `${head('POST', '/v1/leases', 17)}{"lease_id":[[]]}`, staysMs: 300 },
  { name: 'half a head', send: (head) => head('GET', '/v1/runs', 0).slice(0, 40), staysMs: longestMs },
  { name: 'half a body', send: (head) => `${head('POST', '/v1/runs', 5000)}{"tests": ["a`, staysMs: 1000 },
  {
    name: 'half an upload',
    send: (head, random) =>
      `${head('PUT', `/v1/bundles/${sha256}`, 3_000_000)}${'x'.repeat(random.between(1, 60_000))}`,
    staysMs: 700,
  },
  { name: 'wrong bundle', send: (head) => `${head('PUT', `/v1/bundles/${sha256}`, 4)}bang`, staysMs: 300 },
  {
    name: 'slow reader',
    send: (head) => head('GET', '/v1/jobs?limit=500', 0).repeat(4),
    isSlow: true,
    staysMs: longestMs,
  },
  { name: 'gone at once', send: (head) => head('GET', '/v1/runs?limit=200', 0), staysMs: 0 },
];

/** Clients as no program of ours is one. Until the soak is over; never rejects. */
export async function beRough(soak: Soak, n: number): Promise<void> {
  const { over, ledger, lab, tokens } = soak;
  const random = randomFor(soak, actor + n);
  while (!over.aborted) {
    const manner = random.pick(manners);
    const token = tokens.get(random.pick(orgs))?.submit ?? '';
    const head: Head = (method, path, length) =>
      `${method} ${path} HTTP/1.1\r\nhost: soak\r\nauthorization: Bearer ${token}\r\n` +
      `content-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
    ledger.count(`rough: ${manner.name}`);
    await speak(new URL(lab.url), manner, manner.send(head, random), over);
    await sleep(random.between(0, pauseMs * 2), undefined, { signal: over }).catch(() => undefined);
  }
}

/** Resolves when the connection has ended. */
async function speak(
  { hostname, port }: URL,
  { isSlow, staysMs }: Manner,
  bytes: string | Buffer,
  over: AbortSignal,
): Promise<void> {
  const socket: Socket = connect(Number(port), hostname);
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  // A server that is away, or ends the connection: as it likes.
  socket.on('error', () => undefined);
  if (isSlow) socket.pause();
  else socket.resume();
  socket.write(bytes);
  await Promise.race([ended, sleep(staysMs, undefined, { signal: over }).catch(() => undefined)]);
  if (isSlow) socket.destroy();
  else socket.resetAndDestroy();
  await ended;
}
