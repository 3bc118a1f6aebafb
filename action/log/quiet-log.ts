import { randomBytes } from 'node:crypto';
import * as core from '@actions/core';
import { cleanLine, cleanLines } from './clean-lines.ts';

/** Prints one line that came from somebody else. */
export type Say = (line: string) => void;

/**
 * Runs `body` while the runner takes no commands from this step's log. The word that ends it is new each time and
 * nobody else sees it before it is used. Commands of our own do nothing inside; outputs and state are files and work.
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

/** A folded part of the log with text of a test. */
export async function printGroup(title: string, text: string): Promise<void> {
  core.startGroup(cleanLine(title, 200));
  await withoutCommands(() => core.info(cleanLines(text).join('\n')));
  core.endGroup();
}
