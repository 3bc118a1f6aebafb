import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import headless from '@xterm/headless';
import { onTestFinished } from 'vitest';
import { programEnv } from './built-cli.ts';

const columns = 100;
const rows = 30;
/** The prompt says how the last command ended. */
const prompt = /^<(\d+)> \$ ?$/;
const longestMs = 90_000;

export interface Shown {
  readonly code: number;
  /** What a person sees of the command and its output, wrapped lines joined. */
  readonly text: string;
}

export interface Terminal {
  /** Types a line and waits for the next prompt. */
  run(line: string): Promise<Shown>;
  type(text: string): void;
  /** Resolves once what is shown since the last prompt matches. */
  sees(pattern: RegExp): Promise<RegExpMatchArray>;
  /** After Ctrl-C, or for a line that was typed: waits for the prompt. */
  prompted(): Promise<Shown>;
}

interface TerminalOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Of the recording, in asciicast's format, where `QGJOB_SCREENSHOTS` names a folder. */
  readonly name: string;
}

/** A shell in a terminal of 100 columns and 30 rows: a real pty, and what its screen shows. Ends with the test. */
export async function openTerminal({ cwd, env, name }: TerminalOptions): Promise<Terminal> {
  const screen = new headless.Terminal({ cols: columns, rows, scrollback: 10_000, allowProposedApi: true });
  const child = spawn('script', ['-qfec', 'bash --noprofile --norc -i', '/dev/null'], {
    cwd,
    env: { ...programEnv(cwd, env), TERM: 'xterm-256color', PS1: '<$?> $ ', HISTFILE: '' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const listeners = new Set<() => void>();
  const events: string[] = [];
  const start = performance.now();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    events.push(JSON.stringify([(performance.now() - start) / 1000, 'o', text]));
    screen.write(text, () => {
      for (const listener of listeners) listener();
    });
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    save(name, events);
  });

  let from = 0;
  const shown = (): string => textOf(screen, from);
  const until = <T>(what: string, look: () => T | undefined): Promise<T> => {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const check = (): void => {
      const found = look();
      if (found !== undefined) resolve(found);
    };
    const timer = setTimeout(() => reject(new Error(`${what} is not shown:\n${shown()}`)), longestMs);
    void ended.then(() => reject(new Error(`the shell ended before ${what}:\n${shown()}`)));
    listeners.add(check);
    check();
    return promise.finally(() => {
      clearTimeout(timer);
      listeners.delete(check);
    });
  };
  const prompted = async (): Promise<Shown> => {
    const code = await until('a prompt', () => promptOf(screen, from));
    const text = shown();
    from = cursorOf(screen);
    return { code, text };
  };
  const terminal: Terminal = {
    type: (text) => void child.stdin.write(text),
    run(line) {
      child.stdin.write(`${line}\r`);
      return prompted();
    },
    sees: (pattern) => until(String(pattern), () => shown().match(pattern) ?? undefined),
    prompted,
  };
  await until('a prompt', () => promptOf(screen, -1));
  await terminal.run(`stty cols ${columns} rows ${rows}`);
  return terminal;
}

const cursorOf = ({ buffer: { active } }: headless.Terminal): number => active.baseY + active.cursorY;

/** The exit code in the prompt that the cursor is behind, where it is below that line. */
function promptOf(screen: headless.Terminal, above: number): number | undefined {
  const line = cursorOf(screen);
  if (line <= above) return undefined;
  const [, code] = prompt.exec(screen.buffer.active.getLine(line)?.translateToString(true) ?? '') ?? [];
  return code === undefined ? undefined : Number(code);
}

/** The lines from this one on. */
function textOf({ buffer: { active } }: headless.Terminal, from: number): string {
  const lines: string[] = [];
  for (let n = from; n < active.length; n += 1) {
    const line = active.getLine(n);
    if (line?.isWrapped && lines.length > 0) lines.push(`${lines.pop()}${line.translateToString(true)}`);
    else lines.push(line?.translateToString(true) ?? '');
  }
  return lines.join('\n').trimEnd();
}

function save(name: string, events: readonly string[]): void {
  const folder = process.env.QGJOB_SCREENSHOTS;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  const header = JSON.stringify({ version: 2, width: columns, height: rows });
  writeFileSync(join(folder, `${name}.cast`), `${[header, ...events].join('\n')}\n`);
}
