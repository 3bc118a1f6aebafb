import { randomBytes } from 'node:crypto';
import * as core from '@actions/core';
import { cleanLine, cleanLines } from '../../report/clean-lines.ts';

/** Prints one line of text that came from a test or a server. */
export type Say = (line: string) => void;

/**
 * Runs `body` while the runner reads no workflow commands in this step's log. The word that ends this is random, so no
 * text can hold it. The Action's own commands do not work inside either; outputs and state do, since they are files.
 */
export async function withoutCommands<T>(body: (say: Say) => Promise<T> | T): Promise<T> {
  const word = randomBytes(16).toString('hex');
  core.info(`::stop-commands::${word}`);
  try {
    return await body((line) => core.info(cleanLine(line)));
  } finally {
    core.info(`::${word}::`);
  }
}

/** Prints a folded part of the log with text of a test. */
export async function printGroup(title: string, text: string): Promise<void> {
  core.startGroup(cleanLine(title, 200));
  await withoutCommands(() => core.info(cleanLines(text).join('\n')));
  core.endGroup();
}
