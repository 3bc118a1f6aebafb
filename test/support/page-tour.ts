import { chmodSync, cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { makeApk } from '../../client/test-support/app-files.ts';
import { newcomersPath } from './host-tools.ts';
import { notPrinted, type PageCommand, type Terminal } from './page-commands.ts';
import { makeFolder, type RunningCli, startLine } from './processes.ts';
import { tempFolder } from './queue.ts';
import { projectRoot } from './sources.ts';

/** What a walk does with some commands, by their lines. */
export interface TourRules {
  /** Is not run. */
  isLeftOut(line: string): boolean;
  /** What a program that runs until it is stopped prints once it is ready; undefined for one that ends by itself. */
  readyWhen(line: string): RegExp | undefined;
  /** The exit code that it has to have. */
  exitCodeOf(line: string): number;
}

/** A clone with the examples, and in it `app.apk`. */
async function makeClone(): Promise<string> {
  const clone = tempFolder();
  cpSync(join(projectRoot, 'examples'), join(clone, 'examples'), {
    recursive: true,
    filter: (source) => !/\/(?:\.qgjob|node_modules|test-results)$/.test(source),
  });
  symlinkSync(join(projectRoot, 'node_modules'), join(clone, 'node_modules'));
  writeFileSync(join(clone, 'examples/app.apk'), await makeApk());
  return clone;
}

/** npx without npm's own start, which takes more than all that most commands do; npx.test.ts runs the real one. */
function makeQuickNpx(clone: string): string {
  const bin = makeFolder({
    npx: `#!/bin/sh\nPATH='${join(clone, 'node_modules/.bin')}':"$PATH" exec "$@"\n`,
  });
  chmodSync(join(bin, 'npx'), 0o755);
  return bin;
}

/** Pages walked as a reader does, in one clone: what they start, make and print is kept from page to page. */
export async function startTour(rules: TourRules): Promise<Tour> {
  const clone = await makeClone();
  return new Tour(clone, makeQuickNpx(clone), rules);
}

export class Tour {
  readonly #clone: string;
  readonly #quick: string;
  readonly #rules: TourRules;
  readonly #env = {
    PATH: newcomersPath,
    HOME: tempFolder(),
    npm_config_offline: 'true',
    QGJOB_PORT: '0',
  };
  /** The programs that run until they are stopped, by their place. */
  readonly #running = new Map<string, RunningCli>();
  /** What each command printed, by its place: a page may show one that another page has run. */
  readonly #printed = new Map<string, string>();
  /** Of the last submit. */
  #ids = { run: '', job: '' };

  constructor(clone: string, quick: string, rules: TourRules) {
    this.#clone = clone;
    this.#quick = quick;
    this.#rules = rules;
  }

  /** The terminals of a page. One that begins with `cd` is opened in the clone, another one goes on. */
  async walk(terminals: readonly Terminal[]): Promise<void> {
    let cwd = this.#clone;
    for (const command of terminals.flat()) {
      if (command.isAfterCtrlC) await this.pressCtrlC();
      cwd = await this.#enter(command, cwd);
    }
  }

  /** In every terminal in which something runs. */
  async pressCtrlC(): Promise<void> {
    const programs = [...this.#running];
    this.#running.clear();
    for (const [place, program] of programs) {
      this.#printed.delete(place);
      await program.stop('SIGINT');
    }
  }

  /** Runs a command unless it ran here before, and gives the folder that it leads to. */
  async #enter({ line, shown }: PageCommand, cwd: string): Promise<string> {
    if (this.#rules.isLeftOut(line)) return cwd;
    if (line.startsWith('cd ')) return join(this.#clone, line.slice(3));
    const place = `${cwd}: ${line}`;
    const before = this.#printed.get(place);
    const { output, folder = cwd } = before === undefined ? await this.#run(line, cwd) : { output: before };
    this.#printed.set(place, output);
    expect(notPrinted(shown, output), `$ ${line}\n${output}`).toEqual([]);
    return folder;
  }

  async #run(line: string, cwd: string): Promise<{ output: string; folder?: string }> {
    const ready = this.#rules.readyWhen(line);
    if (ready === undefined) return this.#runToEnd(line, cwd);
    const program = startLine(line, { cwd, env: this.#env });
    this.#running.set(`${cwd}: ${line}`, program);
    return { output: (await program.sees(ready)).input ?? '' };
  }

  async #runToEnd(line: string, cwd: string): Promise<{ output: string; folder: string }> {
    const folder = join(this.#env.HOME, `folder-${crypto.randomUUID()}`);
    const filled = line.replaceAll('<job>', this.#ids.job).replaceAll('<run>', this.#ids.run);
    const env = { ...this.#env, PATH: `${this.#quick}:${this.#env.PATH}` };
    const program = startLine(`${filled}\nqgjob_code=$?; pwd > ${folder}; exit $qgjob_code`, { cwd, env });
    const { code, stdout, stderr } = await program.ended;
    expect(code, `$ ${filled}\n${stdout}${stderr}`).toBe(this.#rules.exitCodeOf(line));
    if (line.includes('qgjob submit ')) this.#ids = idsOf(stdout);
    return { output: `${stdout}\n${stderr}`, folder: readFileSync(folder, 'utf8').trim() };
  }
}

/** The first line of a submit is its run, the next one its first job. Other commands list ids of earlier ones. */
function idsOf(stdout: string): { run: string; job: string } {
  const [run = '', job = ''] = stdout.split('\n');
  expect([run, job]).toEqual([expect.stringMatching(/^run_\w+$/), expect.stringMatching(/^job_\w+$/)]);
  return { run, job };
}
