import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { expect, inject, onTestFinished } from 'vitest';
import type * as z from 'zod';
import { createAgentClient } from '../../client/agent-client.ts';
import type { Client } from '../../client/index.ts';
import { contracts } from '../../protocol/contracts.ts';
import { fillPath, type RouteName, routes } from '../../protocol/routes.ts';
import type { Scope } from '../../protocol/states.ts';
import { readConfig, type SettingName } from '../../server/config.ts';
import { type StartOptions, startServer } from '../../server/start.ts';
import { tempFolder } from './queue.ts';
import { databaseFlags } from './server-database.ts';

export { dumpDatabase, loopTables } from './server-database.ts';

export interface TestServerOptions {
  /** Settings by name, as flags of the command line. */
  readonly flags?: Partial<Record<SettingName, string>>;
  /** An existing data folder; absent: a new one with a copy of the migrated template. */
  readonly dataDir?: string;
  /** Epoch ms. */
  readonly now?: () => number;
  readonly artifactLimits?: StartOptions['artifactLimits'];
}

export interface TestServer {
  readonly url: string;
  readonly dataDir: string;
  readonly adminToken: string;
  /** The operator's client; checks every answer against its contract. */
  readonly client: Client;
  /** The same with another token. */
  as(token: string): Client;
  /** A raw call without any check. */
  ask(route: RouteName, input?: RawInput): Promise<RawAnswer>;
  /** The lines logged so far, from trace on. */
  readonly log: readonly string[];
  /** Ends what the server does by itself: from here on only calls change rows. */
  stopLoops(): Promise<void>;
  close(): Promise<void>;
}

export interface RawInput {
  /** Absent: the operator's token; null: no token. */
  readonly token?: string | null;
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string | number> | string;
  /** Bytes and strings are sent unchanged, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what came over the wire has no type yet
  readonly json: any;
}

/** A real server in this process, with HTTP on a free port; closed when the test ends. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const server = await openServer(options.dataDir ?? newDataDir(tempFolder()), options);
  onTestFinished(() => server.close());
  return server;
}

/** The same for a whole test file: the caller closes it and deletes its folder. */
export async function openServer(dataDir: string, options: TestServerOptions = {}): Promise<TestServer> {
  const log: string[] = [];
  const flags = {
    ...{ port: '0', data_dir: dataDir, ...(await databaseFlags(dataDir)) },
    // Hunts would come in between where a test has a quarantine and an idle device.
    quarantine_hunt_hours: '0',
    // Many tests send bad tokens from one address, and the disk of the machine is not what they are about.
    ...{ max_bad_tokens: '0', min_free_bytes: '0', ...options.flags },
  };
  const running = await startServer(readConfig(flags, {}), {
    log: pino({ level: 'trace' }, { write: (line: string) => void log.push(line) }),
    ...(options.now && { now: options.now }),
    ...(options.artifactLimits && { artifactLimits: options.artifactLimits }),
  });
  const as = (token: string): Client => checked(createAgentClient({ url: running.url, token }, { forMs: 0 }));
  return {
    url: running.url,
    dataDir,
    adminToken: running.adminToken,
    client: as(running.adminToken),
    as,
    ask: (route, input = {}) => askRaw(running.url, route, { token: running.adminToken, ...input }),
    log,
    stopLoops: async () => void (await Promise.all(running.loops.map((loop) => loop.stop()))),
    close: () => running.close(),
  };
}

/** A data folder with a copy of the migrated template, so that the start migrates nothing. */
export function newDataDir(folder: string): string {
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir);
  copyFileSync(inject('templateDatabase'), join(dataDir, 'qgjob.db'));
  return dataDir;
}

/** Creates an org with one token of each scope; that for agents is good for all of them. */
export async function addOrg(server: TestServer, orgId: string): Promise<Record<Scope, string>> {
  await server.client.call('createOrg', { body: { org_id: orgId } });
  const token = async (scope: Scope) =>
    (
      await server.client.call('createToken', {
        body: {
          ...{ name: scope, org_id: orgId, scopes: [scope] },
          ...(scope === 'agent' && { agent_names: '*' }),
        },
      })
    ).token;
  return {
    admin: await token('admin'),
    submit: await token('submit'),
    read: await token('read'),
    agent: await token('agent'),
  };
}

/** Fails unless the answer has exactly the shape of the contract. */
export function checkAnswer(name: RouteName, answer: unknown): void {
  const { answer: shape } = contracts[name];
  if (shape === 'none' || (answer === undefined && 'mayBeEmpty' in routes[name])) {
    expect(answer).toBeUndefined();
  } else if (shape === 'bytes') {
    expect(answer).toBeInstanceOf(Uint8Array);
  } else {
    expect((shape as z.ZodType).parse(answer)).toEqual(answer);
  }
}

function checked(client: Client): Client {
  return {
    url: client.url,
    direct: client.direct,
    async call(name, input) {
      const answer = await client.call(name, input);
      checkAnswer(name, answer);
      return answer;
    },
    has: (name, input) => client.has(name, input),
    as: (token) => checked(client.as(token)),
    open: (name, input) => client.open(name, input),
    with: (rule) => checked(client.with(rule)),
  };
}

export function askRaw(url: string, name: RouteName, input: RawInput): Promise<RawAnswer> {
  const { method, path } = routes[name];
  const query = new URLSearchParams(input.query as string | Record<string, string> | undefined);
  return fetchRaw(`${url}${fillPath(path, input.params)}${query.size > 0 ? `?${query}` : ''}`, method, input);
}

export async function fetchRaw(url: string, method: string, input: RawInput): Promise<RawAnswer> {
  const isRaw = typeof input.body === 'string' || input.body instanceof Uint8Array;
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: { ...(input.token && { authorization: `Bearer ${input.token}` }), ...input.headers },
    ...(input.body !== undefined && {
      body: isRaw ? (input.body as string | Uint8Array<ArrayBuffer>) : JSON.stringify(input.body),
    }),
    ...(input.signal && { signal: input.signal }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parseOrText(text) };
}

function parseOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
