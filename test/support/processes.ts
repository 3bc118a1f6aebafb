import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { tempFolder } from './queue.ts';

const main = join(import.meta.dirname, '../../build/cli/main.js');

export interface Ended {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly ended: Promise<Ended>;
  /** Resolves with the match once the output so far, stdout or stderr, matches; rejects when the process ends first. */
  sees(pattern: RegExp): Promise<RegExpMatchArray>;
  /** Sends the signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
}

export interface CliOptions {
  readonly cwd: string;
  /** Beside PATH and HOME, which is all that is there. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the built `qgjob`. What still runs when the test ends is killed. */
export const startCli = (args: readonly string[], options: CliOptions): RunningCli =>
  startProgram(process.execPath, [main, ...args], options);

/** Runs the built `qgjob` to its end. */
export const runCli = (args: readonly string[], options: CliOptions): Promise<Ended> =>
  startCli(args, options).ended;

/** A shell line in which `"$@"` is the built `qgjob` with these arguments. */
export const runShell = (line: string, args: readonly string[], options: CliOptions): Promise<Ended> =>
  startProgram('/bin/sh', ['-c', line, 'sh', process.execPath, main, ...args], options).ended;

function startProgram(file: string, args: readonly string[], { cwd, env }: CliOptions): RunningCli {
  const child = spawn(file, args, {
    cwd,
    env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: cwd, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = watchOutput(child);
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await output.ended;
  });
  return {
    ...output,
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return output.ended;
    },
  };
}

function watchOutput(child: ChildProcess): Pick<RunningCli, 'ended' | 'sees'> {
  const texts = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => resolve({ code, ...texts }));
  });
  const sees = (pattern: RegExp): Promise<RegExpMatchArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = texts.stdout.match(pattern) ?? texts.stderr.match(pattern);
        if (!match) return;
        listeners.delete(look);
        resolve(match);
      };
      listeners.add(look);
      look();
      void ended.then(({ code }) =>
        reject(new Error(`ended with ${code} before ${pattern}:\n${texts.stdout}\n${texts.stderr}`)),
      );
    });
  return { ended, sees };
}

/** A temporary folder with these files. */
export function makeFolder(files: Readonly<Record<string, string>>): string {
  const root = tempFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

export interface Lab {
  readonly cwd: string;
  readonly server: RunningCli;
  readonly agent: RunningCli;
  /** Runs `qgjob` in the folder. */
  run(...args: string[]): Promise<Ended>;
}

/** Two emulators that run a test file by `sh`. */
const agentFile = JSON.stringify({
  name: 'rack',
  devices: [{ driver: 'simulated', target: 'emulator', count: 2 }],
  frameworks: { default: 'command', command: { install: ['true'], test: ['sh', '{test}'] } },
});

/** A server and an agent as two processes in a folder with these files, both ready. */
export async function startLab(files: Readonly<Record<string, string>>): Promise<Lab> {
  const cwd = makeFolder({ 'qgjob.agent.json': agentFile, ...files });
  const server = startCli(['server', '--port=0'], { cwd });
  await server.sees(/^qgjob server listening on http:\S+$/m);
  const agent = startCli(['agent'], { cwd });
  await agent.sees(/agent rack serves/);
  return { cwd, server, agent, run: (...args) => runCli(args, { cwd }) };
}
