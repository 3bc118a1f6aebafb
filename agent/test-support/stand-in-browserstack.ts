import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import { Changes } from './changes.ts';
import { readStandInCall, type StandInCall, type StandInReply, writeStandInReply } from './stand-in-call.ts';
import { answerHub } from './stand-in-hub.ts';
import { describeSession, judge, newId, StandInSessions } from './stand-in-sessions.ts';

export const account = { username: 'acme_Qx7', accessKey: 'key-of-the-account' };
const basic = `Basic ${Buffer.from(`${account.username}:${account.accessKey}`).toString('base64')}`;
/** A part of every link to a file: whoever has it can read the file. */
export const linkToken = 'token-in-a-link';

/**
 * A stand-in for BrowserStack, made from its documentation: the parts of its API, its hub and its files that the agent uses. It
 * checks every request; one that BrowserStack would not take fails the test.
 */
export class StandInBrowserStack {
  /** All calls in their order: `GET /app-automate/plan.json`. */
  readonly log: string[] = [];
  readonly problems: string[] = [];
  readonly sessions = new StandInSessions();
  readonly apps = new Map<string, 'kept' | 'deleted'>();
  /** Sessions of others count as `foreign`. */
  readonly plan = { max: 5, teamMax: 5, foreign: 0, queued: 0 };
  /** What every call of the API gets instead. */
  trouble: 'page' | 'rate' | 'no app' | 'away' | undefined;
  /** A video is refused so often, then it is empty once, then it is there. */
  videoRefusals = 1;
  readonly #changes = new Changes();
  /** Resolves once a condition is true; it is checked after each call. */
  readonly until = this.#changes.until;
  readonly #api = this.#serve((call) => this.#answer(call));
  /** Another host, to which the account must not go. */
  readonly #files = this.#serve((call) => this.#answerFile(call));

  /** Ends with the test, which fails where a request was wrong. */
  static async start(): Promise<StandInBrowserStack> {
    const standIn = new StandInBrowserStack();
    const servers = [standIn.#api, standIn.#files];
    await Promise.all(
      servers.map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))),
    );
    onTestFinished(async () => {
      for (const server of servers) server.closeAllConnections();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
      expect(standIn.problems).toEqual([]);
    });
    return standIn;
  }

  get url(): string {
    return urlOf(this.#api);
  }

  /** For the agent. */
  get env(): Record<string, string> {
    return {
      BROWSERSTACK_USERNAME: account.username,
      BROWSERSTACK_ACCESS_KEY: account.accessKey,
      QGJOB_BROWSERSTACK_URL: this.url,
      QGJOB_BROWSERSTACK_HUB_URL: `${this.url}/wd/hub`,
    };
  }

  get #places() {
    return { dashboard: this.url, logs: this.url, videos: urlOf(this.#files), linkToken };
  }

  callsOf = (line: string): number => this.log.filter((one) => one === line).length;

  get uploads(): number {
    return this.callsOf('POST /app-automate/upload');
  }

  #serve(answer: (call: StandInCall) => StandInReply | Promise<StandInReply>): Server {
    return createServer(async (request, response) => {
      const call = await readStandInCall(request);
      this.log.push(`${call.method} ${call.path}`);
      if (this.trouble === 'away' && !call.path.startsWith('/wd/hub')) return void request.socket.destroy();
      const reply = await Promise.resolve()
        .then(() => answer(call))
        .catch((error: Error): StandInReply => {
          this.problems.push(`${call.method} ${call.path}: ${error.message}`);
          return { status: 404, json: { message: error.message } };
        });
      writeStandInReply(response, reply);
      this.#changes.tell();
    });
  }

  async #answer(call: StandInCall): Promise<StandInReply> {
    if (this.trouble === 'page')
      return { status: 401, html: '<html><body>HTTP Basic: Access denied.</body></html>' };
    if (this.trouble === 'no app') return { status: 422, json: { error: 'it is no app' } };
    if (this.trouble === 'rate') return { status: 429, json: { message: 'rate limited' } };
    // WebdriverIO sends the commands of its session, and the end of it, without the account.
    const isOfSession = call.authorization === undefined && /^\/wd\/hub\/session\/\w/.test(call.path);
    if (call.authorization !== basic && !isOfSession) throw new Error('without the account');
    const [, area, rest] = /^\/(app-automate|automate|wd\/hub|files)(\/.*)$/.exec(call.path) ?? [];
    if (area === 'wd/hub' && rest)
      return answerHub(call, rest, {
        sessions: this.sessions,
        apps: this.apps,
        whyFull: () => this.#whyFull(),
      });
    if (area === 'files') return this.#answerLog(call);
    if (area && rest) return this.#answerApi(call, area, rest);
    throw new Error('unknown');
  }

  async #answerApi(call: StandInCall, area: string, path: string): Promise<StandInReply> {
    const at = `${call.method} ${path}`;
    if (at === 'GET /plan.json') return { json: this.#planAnswer() };
    if (at === 'POST /upload' && area === 'app-automate') return this.#upload(await call.form());
    if (at === 'GET /builds.json') return { json: this.#buildsAnswer(call) };
    const [, kind, id] = /^\/(builds|sessions)\/(\w+)(?:\/sessions)?\.json$/.exec(path) ?? [];
    if (kind === 'builds' && call.method === 'GET') return { json: this.#sessionsOf(call, id) };
    const session = kind === 'sessions' ? this.sessions.find(id) : undefined;
    if (!session) throw new Error('unknown');
    if (call.method === 'PUT') judge(session, call.json());
    else if (call.method !== 'GET') throw new Error('unknown');
    return { json: describeSession(session, this.#places) };
  }

  #planAnswer() {
    const { max, teamMax, foreign, queued } = this.plan;
    return {
      automate_plan: 'stand-in',
      parallel_sessions_running: foreign + this.sessions.running,
      team_parallel_sessions_max_allowed: teamMax,
      parallel_sessions_max_allowed: max,
      queued_sessions: queued,
      queued_sessions_max_allowed: max,
    };
  }

  #whyFull(): string | undefined {
    const { max, foreign } = this.plan;
    return foreign + this.sessions.running < max
      ? undefined
      : '[BROWSERSTACK_QUEUE_SIZE_EXCEEDED] All parallel tests are currently in use, including the queued tests.';
  }

  async #upload(form: FormData): Promise<StandInReply> {
    const file = form.get('file');
    const id = form.get('custom_id');
    if (!(file instanceof File) || file.size === 0) throw new Error('there is no file');
    if (!/\.(apk|aab|ipa)$/.test(file.name)) throw new Error(`${file.name} is no app`);
    if (typeof id !== 'string' || !/^[A-Za-z0-9._-]{1,100}$/.test(id)) throw new Error(`custom_id ${id}`);
    const url = `bs://${newId()}`;
    this.apps.set(url, 'kept');
    return { json: { app_url: url, custom_id: id, shareable_id: `${account.username}/${id}` } };
  }

  #buildsAnswer({ query }: StandInCall) {
    checkLimit(query);
    return [...this.sessions.builds].map(([name, hashed_id]) => ({
      automation_build: { name, duration: 1, status: 'running', hashed_id },
    }));
  }

  #sessionsOf({ query }: StandInCall, id: string | undefined) {
    checkLimit(query);
    const [build] = [...this.sessions.builds].find(([, hashed]) => hashed === id) ?? [];
    if (build === undefined) throw new Error('no such build');
    return this.sessions.all
      .filter((one) => one.build === build && one.isListed)
      .map((one) => describeSession(one, this.#places));
  }

  #answerLog({ path }: StandInCall): StandInReply {
    return { bytes: Buffer.from(`the log of ${path}\n`) };
  }

  #answerFile(call: StandInCall): StandInReply {
    if (call.authorization !== undefined) throw new Error('the account went to another host');
    const session = this.sessions.find(call.path.split('/').at(-1));
    if (!session || call.query.get('auth_token') !== linkToken) throw new Error('no such file');
    session.videoAsked += 1;
    if (session.videoAsked <= this.videoRefusals) return { status: 403, html: 'AccessDenied' };
    const isEmpty = session.videoAsked === this.videoRefusals + 1;
    return { bytes: isEmpty ? new Uint8Array() : Buffer.from(`the video of ${session.name}`) };
  }
}

const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function checkLimit(query: URLSearchParams): void {
  const limit = Number(query.get('limit'));
  if (!(limit >= 10 && limit <= 100)) throw new Error(`limit=${limit}`);
}
