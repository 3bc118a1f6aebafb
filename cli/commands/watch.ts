import type { Command } from 'commander';
import { exitCodes } from '../../protocol/exit-codes.ts';
import { defineWait } from '../wait/define-wait.ts';

const { success, failed, waitTimedOut } = exitCodes;

export function define(command: Command, done: (exitCode: number) => void): void {
  const shows =
    'Show a run while it goes on: the running tests with their devices, its place in the queue, failures as they come.';
  const exits = `Ctrl-C leaves it running. Exit ${success} when all passed, ${failed} when not, ${waitTimedOut} when the wait timed out.`;
  defineWait(command, `${shows} ${exits}`, done);
}
