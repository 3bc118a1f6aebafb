import { type ChildProcess, spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { builtCli, programEnv } from './built-cli.ts';
import { tempFolder } from './queue.ts';
import { agentFile, writeFiles } from './workspace-files.ts';

export interface Ended {
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Resolves with the match when stdout or stderr matches; rejects if the process ends first. */
  sees(pattern: RegExp): Promise<RegExpMatchArray>;
  /** Sends the signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
}

export interface CliOptions {
  readonly cwd: string;
  /** Added to PATH and HOME, which are all that it has otherwise. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the built `qgjob`; killed when the test ends. */
export const startCli = (args: readonly string[], options: CliOptions): RunningCli =>
  startProgram(process.execPath, [builtCli, ...args], options);

/** Runs the built `qgjob` to its end. */
export const runCli = (args: readonly string[], options: CliOptions): Promise<Ended> =>
  startCli(args, options).ended;

/** Runs a shell line in which `"$@"` is the built `qgjob` with these arguments. */
export const runShell = (line: string, args: readonly string[], options: CliOptions): Promise<Ended> =>
  startProgram('/bin/sh', ['-c', line, 'sh', process.execPath, builtCli, ...args], options).ended;

/**
 * Starts a shell line as a terminal does: signals go to all of its processes. `env` is all that it has. Throws where no
 * process could be made.
 */
export const startLine = (
  line: string,
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): RunningCli => {
  const child = spawn('/bin/sh', ['-c', line], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  // Signals to group 0 would go to the test runner's own.
  if (pid === undefined) {
    child.once('error', () => undefined);
    throw new Error(`could not be started in ${cwd}: ${line}`);
  }
  return runningOf(child, (signal) => process.kill(-pid, signal));
};

function startProgram(file: string, args: readonly string[], { cwd, env }: CliOptions): RunningCli {
  const child = spawn(file, args, {
    cwd,
    env: programEnv(cwd, env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return runningOf(child, (signal) => child.kill(signal));
}

function runningOf(child: ChildProcess, kill: (signal: NodeJS.Signals) => void): RunningCli {
  const output = watchOutput(child);
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) kill('SIGKILL');
    await output.ended;
  });
  return {
    pid: child.pid ?? 0,
    ...output,
    stop(signal = 'SIGTERM') {
      kill(signal);
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
  writeFiles(root, files);
  return root;
}

export interface Lab {
  readonly cwd: string;
  readonly server: RunningCli;
  readonly agent: RunningCli;
  /** Runs `qgjob` in the folder. */
  run(...args: string[]): Promise<Ended>;
}

/** Starts a server and an agent with two emulators as processes in a folder with these files; both are ready. */
export async function startLab(files: Readonly<Record<string, string>>): Promise<Lab> {
  const settings = agentFile({ name: 'rack', devices: 2, install: ['true'] });
  const cwd = makeFolder({ 'qgjob.agent.json': settings, ...files });
  const server = startCli(['server', '--port=0'], { cwd });
  await server.sees(/^qgjob server listening on http:\S+$/m);
  const agent = startCli(['agent'], { cwd });
  await agent.sees(/agent rack serves/);
  return { cwd, server, agent, run: (...args) => runCli(args, { cwd }) };
}
