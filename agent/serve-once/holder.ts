import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OutputTail, type TailMask } from '../children/output-tail.ts';
import { type ChildEnd, type ChildOptions, runChild } from '../children/run-child.ts';
import { makeNew } from '../folders.ts';
import { EventSplitter } from '../frameworks/playwright/event-splitter.ts';
import { cacheVariable, translationsIn } from '../frameworks/playwright/translation-cache.ts';
import type { Space } from '../isolation/isolation.ts';
import { packageRoot } from '../package-root.ts';
import { longestTimerMs } from '../timing.ts';
import { holderConfig } from './holder-config.ts';
import { neededPorts } from './needed-ports.ts';
import { readTold } from './read-told.ts';

/** What web servers are started from. Paths are absolute. */
export interface ServeRequest {
  /** The suite's own configuration. */
  readonly own: string;
  /** Starts the suite's own Playwright: a Node and its `cli.js`. */
  readonly program: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The lease's folder, and where its programs run. */
  readonly folder: string;
  readonly space: Space;
}

/** What all processes that use the servers get. */
export interface Served {
  /** Variables that the configuration and its servers have set. */
  readonly env: Readonly<Record<string, string>>;
  /** What the servers are; a configuration that says something else has servers of its own. */
  readonly text: string;
}

export interface HolderOptions {
  readonly child: Pick<ChildOptions, 'kill' | 'ladder' | 'marker'>;
  readonly mask: TailMask;
  readonly limitMs: number;
  readonly onOutput: (bytes: Buffer) => void;
  /** Asked before the servers start; false: something that they need is taken. */
  readonly maySeize: (ports: readonly number[]) => Promise<boolean>;
}

/** Each takes a lock on the host. */
const mostServers = 100;

/** `none`: the configuration has no web servers. `refused`: `maySeize` said no. */
export type HolderStart = Served | 'none' | 'refused' | { readonly failed: string };

/** A process of Playwright that has no tests and holds the web servers of a suite. */
export class Holder {
  readonly started: Promise<HolderStart>;
  /** Resolves when nothing is left of it. */
  readonly ended: Promise<void>;
  readonly #stop = new AbortController();
  readonly #request: ServeRequest;
  readonly #options: HolderOptions;
  readonly #start = Promise.withResolvers<HolderStart>();
  readonly #tail: OutputTail;
  #text = '';
  #go = '';
  #isDeclared = false;

  constructor(request: ServeRequest, options: HolderOptions) {
    this.#request = request;
    this.#options = options;
    this.#tail = new OutputTail(options.mask);
    this.started = this.#start.promise;
    this.ended = this.#run().catch((error: Error) => this.#start.resolve({ failed: error.message }));
  }

  /** The servers get the signal at which Playwright shuts them down in order. */
  end(): Promise<void> {
    this.#stop.abort('cancelled');
    return this.ended;
  }

  async #run(): Promise<void> {
    const { own, space, folder } = this.#request;
    const scratch = await makeNew(folder, 'serve-');
    const nonce = randomUUID();
    const [tests, setup] = [join(scratch, 'tests'), join(scratch, 'setup.cjs')];
    // Not in the folder that is given away: another user's tests have no right to put something there.
    const go = join(folder, `go-${randomUUID()}`);
    this.#go = go;
    await mkdir(tests);
    await copyFile(join(packageRoot(), 'agent/serve-once/hold.cjs'), setup, constants.COPYFILE_EXCL);
    await space.give(scratch);
    const config = holderConfig(dirname(own), own, { id: randomUUID(), nonce, tests, setup, go });
    await writeFile(config.path, config.text, { flag: 'wx' });
    const late = setTimeout(() => this.#stop.abort('timeout'), this.#options.limitMs);
    void this.started.then(() => clearTimeout(late));
    try {
      this.#close(await this.#runChild(config.path, nonce, scratch));
    } finally {
      clearTimeout(late);
      await rm(config.path, { force: true }).catch(() => undefined);
    }
  }

  async #runChild(config: string, nonce: string, scratch: string): Promise<ChildEnd> {
    const { program, env, space, own } = this.#request;
    const argv = [...program, 'test', '--config', config, '--output', join(scratch, 'output')];
    const { command, enclosure } = await space.enclose({
      argv,
      cwd: dirname(own),
      env: { ...translationsIn(scratch), ...env },
    });
    const say = (bytes: Buffer): void => {
      this.#tail.add(bytes);
      this.#options.onOutput(bytes);
    };
    const splitter = new EventSplitter(
      nonce,
      say,
      (json) =>
        // A suite chose what is told and what lies on the disk by now: it may end its servers, never the agent.
        void this.#take(json).catch((error: Error) => this.#giveUp({ failed: error.message })),
    );
    return runChild(command, {
      ...this.#options.child,
      enclosure,
      onOutput: (bytes, stream) => (stream === 'stdout' ? splitter.write(bytes) : say(bytes)),
      timeoutMs: longestTimerMs,
      stop: this.#stop.signal,
      ownSignal: 'SIGINT',
    });
  }

  async #take(json: string): Promise<void> {
    const told = readTold(json);
    if (told?.event === 'served') this.#start.resolve({ env: this.#added(told.env), text: this.#text });
    // A second word could take other ports, or give back those of servers that run.
    if (told?.event !== 'declared' || this.#isDeclared) return;
    this.#isDeclared = true;
    this.#text = told.text;
    const { servers } = told;
    if (servers.length === 0) this.#giveUp('none');
    else if (servers.length > mostServers)
      this.#giveUp({ failed: `it has ${servers.length} web servers, more than ${mostServers}` });
    else if (await this.#options.maySeize(neededPorts(servers))) await writeGo(this.#go);
    else this.#giveUp('refused');
  }

  /** Nothing has been started yet. */
  #giveUp(why: HolderStart): void {
    this.#start.resolve(why);
    this.#stop.abort('interrupted');
  }

  /** The variables that are not as they were given. */
  #added(env: Readonly<Record<string, string>>): Record<string, string> {
    const given = this.#request.env;
    return Object.fromEntries(
      Object.entries(env).filter(([name, value]) => given[name] !== value && !ofProcess.has(name)),
    );
  }

  /** It has ended: where it has not served, its last lines say why. */
  #close(end: ChildEnd): void {
    const how = end.failure ?? (end.stopped === 'timeout' ? 'it took too long' : `it ended with ${end.code}`);
    const lines = this.#tail.lines(20);
    this.#start.resolve({ failed: lines === '' ? how : `${how}:\n${lines}` });
  }
}

/** Of the holder's process alone. */
const ofProcess = new Set([
  'QGJOB_CHILD',
  'PWD',
  'OLDPWD',
  'SHLVL',
  '_',
  'HOME',
  'TMPDIR',
  cacheVariable,
  'USER',
  'LOGNAME',
]);

/** The suite knows the path, and may have put something there: a link is not followed, a FIFO not waited for. */
async function writeGo(path: string): Promise<void> {
  await writeFile(path, '', { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}
