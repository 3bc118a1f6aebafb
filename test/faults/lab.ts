import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAgentClient } from '../../client/agent-client.ts';
import type { Client } from '../../client/index.ts';
import { writeFiles } from '../support/workspace-files.ts';
import { findChildren } from './children.ts';
import { endProgram, type Program, startProgram, until } from './program.ts';

const ttlMs = 3000;

/** A lease TTL that is short, but longer than a busy host stands still, and the server's settings for it. */
export const shortLease = {
  ttlMs,
  env: { QGJOB_LEASE_TTL_MS: String(ttlMs), QGJOB_HEARTBEAT_MS: '500' },
} as const;

export interface LabOptions {
  /** Files of the workspace of all agents, with their `qgjob.agent.json`. */
  readonly files: Readonly<Record<string, string>>;
  /** Environment of the server, like `QGJOB_LEASE_TTL_MS`. */
  readonly server?: Readonly<Record<string, string>>;
  /** Environment of every agent. */
  readonly agent?: Readonly<Record<string, string>>;
}

/** The built programs in a new folder: agents, and a server that keeps its port and its data when it restarts. */
export class Lab {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'qgjob-faults-')));
  readonly workspace = join(this.folder, 'workspace');
  readonly dataDir = join(this.folder, 'data');
  readonly port: number;
  readonly #options: LabOptions;
  /** All programs that were started, ended ones too. */
  readonly programs: Program[] = [];
  #server: Program | undefined;
  #isClosed = false;

  private constructor(port: number, options: LabOptions) {
    this.port = port;
    this.#options = options;
  }

  /** Starts the server; no agent yet. */
  static async open(options: LabOptions): Promise<Lab> {
    const lab = new Lab(await findPort(), options);
    writeFiles(lab.workspace, options.files);
    try {
      await lab.startServer();
      return lab;
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  /** The address of the server itself, without a link. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get server(): Program {
    if (!this.#server) throw new Error('the server was never started');
    return this.#server;
  }

  /** The operator's token. */
  get token(): string {
    return readFileSync(join(this.dataDir, 'admin.token'), 'utf8').trim();
  }

  get client(): Client {
    return createAgentClient({ url: this.url, token: this.token });
  }

  /** Starts or restarts the server, and waits until it listens. */
  async startServer(): Promise<void> {
    const args = ['server', `--port=${this.port}`, `--data-dir=${this.dataDir}`];
    const env = { QGJOB_LOG_LEVEL: 'warn', ...this.#options.server };
    const server = this.#start(args, env, 'server');
    this.#server = server;
    await until('the start of the server', () => {
      if (!server.isRunning()) throw new Error(`the server did not start:\n${server.readLog().slice(-2000)}`);
      return this.#pidOfServer() === server.pid || undefined;
    });
  }

  startAgent(name: string, url = this.url): Program {
    const env = { QGJOB_TOKEN: this.token, ...this.#options.agent };
    // One token for all agents of a lab.
    const words = ['agent', `--server-url=${url}`, `--name=${name}`, '--insecure-operator-token'];
    return this.#start(words, env, name);
  }

  readWorkspace(path: string): string {
    return readText(join(this.workspace, path));
  }

  /** Kills all that still runs, processes of tests too, and deletes the folder unless `keep`. */
  async close({ keep = false } = {}): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.programs.map(endProgram));
    for (const { pid } of findChildren(this.workspace)) tryKill(pid);
    if (!keep) rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #start(args: readonly string[], env: Readonly<Record<string, string>>, name: string): Program {
    // After an interrupt some code may still try to start programs.
    if (this.#isClosed) throw new Error('the lab is closed');
    const log = join(this.folder, `${this.programs.length}-${name}.log`);
    const program = startProgram(args, { cwd: this.workspace, env, log });
    this.programs.push(program);
    return program;
  }

  #pidOfServer(): unknown {
    const text = readText(join(this.dataDir, 'server.json'));
    return text === '' ? undefined : JSON.parse(text).pid;
  }
}

/**
 * A free port below the range that the system gives to client connections. A port in that range could be taken by any
 * connection while the server is down, even by one to the server itself.
 */
async function findPort(): Promise<number> {
  for (let n = 0; n < 100; n += 1) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    if (await isFree(port)) return port;
  }
  throw new Error('no free port among a hundred');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer().once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
