import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAgentClient } from '../../client/agent-client.ts';
import type { Client } from '../../client/index.ts';
import { type Sqld, startSqld } from '../support/sqld.ts';
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
  /** How many servers there are; more than one share a libSQL server. Default: 1, on a file. */
  readonly servers?: number;
  /** Files of the workspace of all agents, with their `qgjob.agent.json`. */
  readonly files: Readonly<Record<string, string>>;
  /** Environment of the server, like `QGJOB_LEASE_TTL_MS`. */
  readonly server?: Readonly<Record<string, string>>;
  /** Environment of every agent. */
  readonly agent?: Readonly<Record<string, string>>;
}

/** A server that keeps its port and its folder when it restarts. */
interface LabServer {
  readonly port: number;
  readonly dataDir: string;
  program?: Program;
}

/** The built programs in a new folder: agents and servers. */
export class Lab {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'qgjob-faults-')));
  readonly workspace = join(this.folder, 'workspace');
  readonly dataDir = join(this.folder, 'data');
  /** What the servers share, where there are several. */
  readonly sqld: Sqld | undefined;
  readonly #servers: readonly LabServer[];
  readonly #options: LabOptions;
  /** All programs that were started, ended ones too. */
  readonly programs: Program[] = [];
  #isClosed = false;

  private constructor(ports: readonly number[], sqld: Sqld | undefined, options: LabOptions) {
    this.#servers = ports.map((port, n) => ({ port, dataDir: `${this.dataDir}${n === 0 ? '' : n + 1}` }));
    this.sqld = sqld;
    this.#options = options;
  }

  /** Starts the servers; no agent yet. */
  static async open(options: LabOptions): Promise<Lab> {
    const ports: number[] = [];
    for (let n = 0; n < (options.servers ?? 1); n += 1) ports.push(await findPort());
    const lab = new Lab(ports, ports.length > 1 ? await startSqld() : undefined, options);
    writeFiles(lab.workspace, options.files);
    try {
      for (const n of ports.keys()) await lab.startServer(n);
      return lab;
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  get ports(): number[] {
    return this.#servers.map(({ port }) => port);
  }

  /** The address of the first server itself, without a link. */
  get url(): string {
    return `http://127.0.0.1:${this.ports[0]}`;
  }

  /** The first server. */
  get server(): Program {
    return this.serverAt(0);
  }

  serverAt(n: number): Program {
    const program = this.#servers[n]?.program;
    if (!program) throw new Error('this server was never started');
    return program;
  }

  /** The database as a file; to be read when nothing runs on it any more. */
  get databaseFile(): string {
    return this.sqld?.file ?? join(this.dataDir, 'qgjob.db');
  }

  /** The operator's token. */
  get token(): string {
    return readFileSync(join(this.dataDir, 'admin.token'), 'utf8').trim();
  }

  get client(): Client {
    return createAgentClient({ url: this.url, token: this.token });
  }

  /** Starts or restarts a server, and waits until it listens. One whose database is away ends, and is started again. */
  async startServer(n = 0): Promise<void> {
    const server = this.#servers[n];
    if (!server) throw new Error('there are not so many servers');
    const { sqld } = this;
    const shared = sqld && { QGJOB_DATABASE_URL: sqld.url, QGJOB_BLOB_DIR: join(this.folder, 'blobs') };
    const args = ['server', `--port=${server.port}`, `--data-dir=${server.dataDir}`];
    const env = { QGJOB_LOG_LEVEL: 'warn', ...shared, ...this.#options.server };
    const start = () => this.#start(args, env, `server${n === 0 ? '' : n + 1}`);
    server.program = start();
    await until('the start of a server', () => {
      if (!server.program?.isRunning()) {
        const said = server.program?.readLog() ?? '';
        if (!sqld || !said.includes('the database'))
          throw new Error(`a server did not start:\n${said.slice(-2000)}`);
        server.program = start();
      }
      return pidIn(server) === server.program.pid || undefined;
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
    await this.sqld?.close();
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
}

function pidIn({ dataDir }: LabServer): unknown {
  const text = readText(join(dataDir, 'server.json'));
  return text === '' ? undefined : JSON.parse(text).pid;
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
