import { randomBytes } from 'node:crypto';
import * as core from '@actions/core';
import { cleanLine, cleanLines } from '../../report/clean-lines.ts';

/** Prints one line of text that came from a test or a server. */
export type Say = (line: string) => void;
/** Prints a folded part of the log with text of a test. */
export type Fold = (title: string, text: string) => void;

/**
 * Runs `body` while the runner reads no workflow commands in this step's log. The word that ends this is random, so no
 * text can hold it. The Action's own commands do not work inside either; outputs and state do, since they are files.
 */
export async function withoutCommands<T>(body: (say: Say, fold: Fold) => Promise<T> | T): Promise<T> {
  let word = stopCommands();
  try {
    return await body(
      (line) => core.info(cleanLine(line)),
      (title, text) => {
        // To fold is a command.
        allowCommands(word);
        printGroup(title, text);
        word = stopCommands();
      },
    );
  } finally {
    allowCommands(word);
  }
}

/** Prints a folded part of the log with text of a test. */
export function printGroup(title: string, text: string): void {
  core.startGroup(cleanLine(title, 200));
  const word = stopCommands();
  core.info(cleanLines(text).join('\n'));
  allowCommands(word);
  core.endGroup();
}

function stopCommands(): string {
  const word = randomBytes(16).toString('hex');
  core.info(`::stop-commands::${word}`);
  return word;
}

const allowCommands = (word: string): void => core.info(`::${word}::`);
