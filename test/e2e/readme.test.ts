import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeApk } from '../../client/test-support/app-files.ts';
import { notPrinted, type PageCommand, readTerminals, type Terminal } from '../support/page-commands.ts';
import { type RunningCli, startLine } from '../support/processes.ts';
import { tempFolder } from '../support/queue.ts';
import { projectRoot } from '../support/sources.ts';

/** Commands that are not run here, and why. */
const leftOut: Readonly<Record<string, string>> = {
  'npm ci': 'what runs this is installed',
  'npm run demo': 'demo.test.ts runs it',
  'npm test': 'it would run this',
  'npx vitest run --project file FILE': 'it would run this',
  'npm run check': 'it checks the checkout, not the program',
  'npm run build:dist': 'it writes into the checkout',
  'npm run soak': 'it takes half an hour',
  'npm run nightly': 'it takes minutes, and needs what CI installs for it',
};

/** The first commands of terminals that are left out as a whole, and why. */
const leftOutTerminals: Readonly<Record<string, string>> = {
  'npx qgjob init agent': 'it needs a phone; phones.test.ts has a stand-in',
};

/** Programs that run until they are stopped, and what they print once they are ready. */
const lasting: Readonly<Record<string, RegExp>> = {
  'npx qgjob server': /^qgjob server listening on http:\S+$/m,
  'npx qgjob agent': /^isolation none/m,
  'npx qgjob dev': /^Ctrl-C ends both\.$/m,
};

/** Those that end with another code than 0. */
const exitCodes: Readonly<Record<string, number>> = { 'npx qgjob retry <run> --failed --wait': 1 };

/** Commands that may run beside those before them, so that npx's own time counts less. */
const beside = /^npx qgjob (?:apps|artifacts|backup|cancel|dead-letters|doctor|list|logs|report|status)\b/;

const terminalsOf = (page: string): Terminal[] =>
  readTerminals(readFileSync(join(projectRoot, page), 'utf8'));
const isLeftOut = ([first]: Terminal): boolean => first !== undefined && first.line in leftOutTerminals;

// As for a newcomer: the system's Node runs npx, and npm's cache is empty.
const path = (process.env.PATH ?? '').split(':').filter((folder) => !folder.includes('node_modules'));
const needs = ['npx', 'jq'].filter((name) => spawnSync(name, ['--version']).error !== undefined);

const pages = ['README.md', 'docs/getting-started.md'];

test.skipIf(needs.length > 0)(
  'the commands of the README and of getting started do what the pages say',
  async () => {
    const tour = await startTour();
    for (const page of pages) await tour.walk(terminalsOf(page).filter((one) => !isLeftOut(one)));
    for (const { stop } of tour.running) await stop('SIGINT');
  },
  240_000,
);

test('what is left out is on the pages', () => {
  const all = pages.flatMap(terminalsOf);
  const lines = new Set(all.flat().map(({ line }) => line));
  const firsts = new Set(all.map(([first]) => first?.line));
  expect([...Object.keys(leftOut), ...Object.keys(exitCodes)].filter((line) => !lines.has(line))).toEqual([]);
  expect(Object.keys(leftOutTerminals).filter((line) => !firsts.has(line))).toEqual([]);
});

/** A clone with the examples, in which commands find each other's runs and jobs. */
async function startTour() {
  const clone = tempFolder();
  cpSync(join(projectRoot, 'examples'), join(clone, 'examples'), {
    recursive: true,
    filter: (source) => !/\/(?:\.qgjob|node_modules|test-results)$/.test(source),
  });
  symlinkSync(join(projectRoot, 'node_modules'), join(clone, 'node_modules'));
  writeFileSync(join(clone, 'examples/app.apk'), await makeApk());
  const env = {
    PATH: path.join(':'),
    HOME: tempFolder(),
    npm_config_offline: 'true',
    QGJOB_PORT: '0',
  };
  const running: RunningCli[] = [];
  /** What each command printed, by its folder: a page may show one that another page has run. */
  const printed = new Map<string, string>();
  const seen = { run: '', job: '' };

  /** The terminals of a page. One that begins with `cd` is opened in the clone, another one goes on. */
  async function walk(terminals: readonly Terminal[]): Promise<void> {
    let cwd = clone;
    const before: Promise<string>[] = [];
    for (const command of terminals.flat()) {
      const isBeside = beside.test(command.line);
      if (!isBeside) await Promise.all(before.splice(0));
      const entered = enter(command, cwd);
      if (isBeside) before.push(entered);
      else cwd = await entered;
    }
    await Promise.all(before);
  }

  /** Runs a command unless it ran here before, and gives the folder that it leads to. */
  async function enter({ line, shown }: PageCommand, cwd: string): Promise<string> {
    if (line in leftOut) return cwd;
    if (line.startsWith('cd ')) return join(clone, line.slice(3));
    const place = `${cwd}: ${line}`;
    const before = printed.get(place);
    const { output, folder = cwd } = before === undefined ? await runLine(line, cwd) : { output: before };
    printed.set(place, output);
    expect(notPrinted(shown, output), `$ ${line}\n${output}`).toEqual([]);
    return folder;
  }

  async function runLine(line: string, cwd: string): Promise<{ output: string; folder?: string }> {
    const ready = lasting[line];
    if (ready) {
      const program = startLine(line, { cwd, env });
      running.push(program);
      return { output: (await program.sees(ready)).input ?? '' };
    }
    const folder = join(env.HOME, `folder-${crypto.randomUUID()}`);
    const filled = fill(line, seen);
    const program = startLine(`${filled}\nqgjob_code=$?; pwd > ${folder}; exit $qgjob_code`, { cwd, env });
    const { code, stdout, stderr } = await program.ended;
    expect(code, `$ ${filled}\n${stdout}${stderr}`).toBe(exitCodes[line] ?? 0);
    remember(line, stdout, seen);
    return { output: `${stdout}\n${stderr}`, folder: readFileSync(folder, 'utf8').trim() };
  }

  return { running, walk };
}

/** The ids of a submit; other commands list those that are known already. */
function remember(line: string, stdout: string, seen: { run: string; job: string }): void {
  if (!line.includes('qgjob submit ')) return;
  seen.run = stdout.match(/^run_\w+$/m)?.[0] ?? '';
  seen.job = stdout.match(/^job_\w+$/m)?.[0] ?? '';
}

const fill = (line: string, { run, job }: { run: string; job: string }): string =>
  line.replaceAll('<job>', job).replaceAll('<run>', run);
