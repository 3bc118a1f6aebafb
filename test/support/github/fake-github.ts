import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { type Answer, openApi } from './api.ts';
import { appBot, appRights, type FakeApp } from './app.ts';
import { type Check, type Comment, GithubStore } from './store.ts';

export interface TokenRights {
  /** Who acts with this token. */
  readonly login: string;
  readonly checks: 'write' | 'read';
  readonly pullRequests: 'write' | 'read';
  /** Of a GitHub App itself: it asks where it is installed, and makes tokens. */
  readonly app?: FakeApp;
  readonly mint?: () => string;
}

export interface Fault {
  /** The operation that it hits, like `checks/create`; without it, any. */
  readonly on?: string;
  /** How often; by default once. */
  readonly times?: number;
  /** Lets so many calls pass before. */
  readonly after?: number;
  /** What the caller gets; `reset`: the connection ends without an answer. */
  readonly answer: Answer | 'reset';
  /** The call has its effect all the same: only the answer is lost. */
  readonly done?: boolean;
  /** Called when it hits, before the caller gets its answer. */
  readonly onHit?: () => void;
}

export interface GithubCall {
  readonly operation: string;
  readonly status: number | 'reset';
  readonly body: unknown;
}

/** A GitHub on loopback, for GITHUB_API_URL. */
export interface FakeGithub {
  readonly url: string;
  /** In the order of their creation. */
  readonly checks: readonly Check[];
  readonly comments: readonly Comment[];
  /** Every call, also those that a fault has hit. */
  readonly calls: readonly GithubCall[];
  /** What a caller did wrong by GitHub's description or by its limits. A test expects none. */
  readonly problems: readonly string[];
  /** A new token; by default one that may write everything, of the workflow's own bot. */
  token(rights?: Partial<TokenRights>): string;
  inject(...faults: readonly Fault[]): void;
  /** A pull request that stands at this commit. */
  addPull(number: number, headSha: string): void;
  /** A comment of somebody else. */
  addComment(issue: number, login: string, body: string): void;
  /** Somebody deletes a comment. */
  deleteComment(id: number): void;
  /** The App with `appId` and `appKey`. */
  readonly app: FakeApp;
  /** Every token that was made before is refused from now on. */
  forgetTokens(): void;
}

/** The answers of GitHub to a caller that asks too often. */
export const secondaryLimit = (seconds: number): Answer => ({
  status: 403,
  headers: { 'retry-after': String(seconds) },
  body: {
    message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
  },
});

export const badGateway: Answer = { status: 502, body: '<html><h1>502 Bad Gateway</h1></html>' };

/** `latencyMs` is asked before and after each call takes effect, so that calls meet in every order. */
export async function startFakeGithub(latencyMs: () => number = () => 0): Promise<FakeGithub> {
  const store = new GithubStore();
  const tokens = new Map<string, TokenRights>();
  const faults: { left: number; before: number; fault: Fault }[] = [];
  const [calls, problems]: [GithubCall[], string[]] = [[], []];
  const app: FakeApp = { asked: [], installedIn: new Set(), mayComment: true, lifeMs: 3_600_000 };
  const api = await openApi(store, (problem) => problems.push(problem));

  let minted = 0;
  const mint = (rights: Partial<TokenRights> = {}): string => {
    const token = `ghs_${minted}_of_this_workflow`;
    minted += 1;
    const all = { login: 'github-actions[bot]', checks: 'write', pullRequests: 'write' } as const;
    tokens.set(token, { ...all, ...rights });
    return token;
  };
  const findFault = (operation: string): Fault | undefined => {
    const hit = faults.find(({ left, fault }) => left > 0 && (fault.on ?? operation) === operation);
    if (hit === undefined) return undefined;
    hit.before -= 1;
    if (hit.before >= 0) return undefined;
    hit.left -= 1;
    return hit.fault;
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = await readText(request);
    const token = /^(?:token|bearer) (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const call = {
      request,
      text,
      rights: tokens.get(token) ?? appRights(token, app, () => mint(appBot(app))),
    };
    const operation = api.operationOf(call);
    const fault = findFault(operation);
    fault?.onHit?.();
    await delay(latencyMs());
    const made = fault === undefined || fault.done ? await api.answer(call) : undefined;
    await delay(latencyMs());
    const answer = fault?.answer ?? made ?? badGateway;
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    calls.push({ operation, body, status: answer === 'reset' ? answer : answer.status });
    if (answer === 'reset') request.socket.destroy();
    else send(response, answer);
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: Error) => {
      problems.push(`this GitHub broke: ${error.stack}`);
      send(response, { status: 500, body: { message: error.message } });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ checks: store.checks, comments: store.comments, calls, problems },
    app,
    token: mint,
    forgetTokens: () => tokens.clear(),
    inject(...more) {
      faults.push(...more.map((fault) => ({ left: fault.times ?? 1, before: fault.after ?? 0, fault })));
    },
    deleteComment: (id) => void store.deleteComment(id),
    addPull: (number, headSha) => void store.pulls.set(number, headSha),
    addComment: (issue, login, body) => void store.createComment(issue, login, body),
  };
}

async function readText(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function send(response: ServerResponse, { status, headers = {}, body }: Answer): void {
  const isText = typeof body === 'string';
  response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers });
  response.end(body === undefined || isText ? body : JSON.stringify(body));
}
