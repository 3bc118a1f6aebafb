import type { Command } from 'commander';
import { exitCodes } from '../../protocol/exit-codes.ts';
import { defineWait } from '../wait/define-wait.ts';

const { success, failed, waitTimedOut } = exitCodes;

export function define(command: Command, done: (exitCode: number) => void): void {
  const exits = `Exit ${success} when all passed, ${failed} when not, ${waitTimedOut} when the wait timed out.`;
  defineWait(command, `Wait until runs and jobs are final. ${exits}`, done);
}
