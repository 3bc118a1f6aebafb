import { spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { QgjobError } from '../../protocol/errors.ts';
import { exitCodes } from '../../protocol/exit-codes.ts';
import { say } from '../output/print.ts';
import { type ShellStep, shellLine } from './shell-line.ts';

export interface RunnableStep extends ShellStep {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface RunOptions {
  /** Their output goes to stderr: stdout is for JSON. */
  readonly isQuiet: boolean;
  /** Variables of the person that the test needs too. */
  readonly more: Readonly<Record<string, string>>;
}

/** Runs a step in the foreground; resolves to its exit code, with that of an interrupt. Errors: `unavailable` where it cannot start. */
export async function runStep(step: RunnableStep, { isQuiet, more }: RunOptions): Promise<number> {
  say(`$ ${shellLine(step)}`);
  const [file = '', ...words] = step.argv;
  // The terminal sends Ctrl-C to the program too, which ends by it.
  let isInterrupted = false;
  const onSignal = (): void => {
    isInterrupted = true;
  };
  process.on('SIGINT', onSignal);
  try {
    const env = { ...step.env, ...more };
    const child = spawn(file, words, { cwd: step.cwd, env, stdio: ['inherit', isQuiet ? 2 : 1, 2] });
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exit) => resolve(exit ?? exitCodes.failed));
    });
    return isInterrupted ? exitCodes.interrupted : code;
  } catch (error) {
    throw new QgjobError('unavailable', `the ${step.name} cannot start: ${(error as Error).message}`);
  } finally {
    process.off('SIGINT', onSignal);
  }
}

/** Writes files that are not there yet for as long as `run` takes. */
export async function withFiles<T>(
  files: readonly { readonly path: string; readonly text: string }[],
  run: () => Promise<T>,
): Promise<T> {
  for (const { path, text } of files) await writeFile(path, text, { flag: 'wx' });
  try {
    return await run();
  } finally {
    for (const { path } of files) await rm(path, { force: true });
  }
}
