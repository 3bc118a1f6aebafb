// The server process of a peer: `node serve-peer.ts PEER FOLDER`, or under bun. Prints a line of JSON when it listens,
// and runs until its standard input ends.
import { listen } from '../../../../server/listen.ts';
import type { OpenHttpPeer } from './http-peer.ts';
import { createPeerApp } from './peer-app.ts';
import { makePeerTokens } from './peer-tokens.ts';

type Fetch = (request: Request) => Response | Promise<Response>;

/** The part of bun that is used here. `idleTimeout`: seconds, longer than a call may wait. */
interface BunServe {
  serve(options: { hostname: string; port: number; idleTimeout: number; fetch: Fetch }): { url: URL };
}

/** Under bun its own server, which is quicker there than that of Node; else the one of our server. */
async function serve(fetch: Fetch): Promise<string> {
  const bun = (globalThis as { Bun?: BunServe }).Bun;
  if (bun) return bun.serve({ hostname: '127.0.0.1', port: 0, idleTimeout: 60, fetch }).url.origin;
  const listener = await listen('127.0.0.1', 0);
  listener.open(fetch);
  return listener.url;
}

const [name = '', dir = ''] = process.argv.slice(2);
const { default: open } = (await import(`./${name}.ts`)) as { default: OpenHttpPeer };
const peer = await open(dir);
const { token, authenticator } = makePeerTokens(dir);
const app = createPeerApp(peer, authenticator);
const url = await serve(app.fetch as Fetch);
process.stdin.resume();
process.stdin.once('end', async () => {
  await peer.close();
  process.exit();
});
process.stdout.write(`${JSON.stringify({ url, token, about: peer.about })}\n`);
