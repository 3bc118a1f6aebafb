import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createAgentClient } from '../../client/agent-client.ts';
import type { Client } from '../../client/index.ts';
import { findChildren } from './children.ts';
import { endProgram, type Program, startProgram, until } from './program.ts';

export interface LabOptions {
  /** The workspace of all agents; `qgjob.agent.json` is one of them. */
  readonly files: Readonly<Record<string, string>>;
  /** Variables of the server, like `QGJOB_LEASE_TTL_MS`. */
  readonly server?: Readonly<Record<string, string>>;
  /** Variables of every agent. */
  readonly agent?: Readonly<Record<string, string>>;
}

/** The built programs in a folder of their own: a server that keeps its port and its data over restarts, and agents. */
export class Lab {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'qgjob-faults-')));
  readonly workspace = join(this.folder, 'workspace');
  readonly dataDir = join(this.folder, 'data');
  readonly port: number;
  readonly #options: LabOptions;
  /** All that were ever started. */
  readonly programs: Program[] = [];
  #server: Program | undefined;
  #isClosed = false;

  private constructor(port: number, options: LabOptions) {
    this.port = port;
    this.#options = options;
  }

  /** A server that runs; no agent yet. */
  static async open(options: LabOptions): Promise<Lab> {
    const lab = new Lab(await findPort(), options);
    for (const [path, text] of Object.entries(options.files)) {
      mkdirSync(dirname(join(lab.workspace, path)), { recursive: true });
      writeFileSync(join(lab.workspace, path), text);
    }
    try {
      await lab.startServer();
      return lab;
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  /** The server itself, without a link between. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get server(): Program {
    if (!this.#server) throw new Error('the server was never started');
    return this.#server;
  }

  /** The operator's. */
  get token(): string {
    return readFileSync(join(this.dataDir, 'admin.token'), 'utf8').trim();
  }

  get client(): Client {
    return createAgentClient({ url: this.url, token: this.token });
  }

  /** Starts it, for the first time or again, and waits until it listens. */
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
    return this.#start(['agent', `--server-url=${url}`, `--name=${name}`], env, name);
  }

  readWorkspace(path: string): string {
    return readText(join(this.workspace, path));
  }

  /** Ends whatever still runs, the children of tests too, and takes the folder away unless it is to be kept. */
  async close({ keep = false } = {}): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.programs.map(endProgram));
    for (const { pid } of findChildren(this.workspace)) tryKill(pid);
    if (!keep) rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #start(args: readonly string[], env: Readonly<Record<string, string>>, name: string): Program {
    // Somebody who was interrupted may be about to.
    if (this.#isClosed) throw new Error('nothing is started any more');
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
 * A free port below those that the system gives to clients: one of those may be taken by anybody's connection while the
 * server is down, even by one to the server itself.
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
    // It has ended by itself.
  }
}
