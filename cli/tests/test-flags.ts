import type { Command } from 'commander';
import type { ConnectionFlags } from '../config.ts';

/** Which test is meant, where the argument is a path. */
export interface WhichTest extends ConnectionFlags {
  readonly case?: string;
  readonly target?: string;
  readonly orgId?: string;
}

export const addWhichTest = (command: Command): Command =>
  command
    .argument('<test>', 'its id, or the path of its file')
    .option('--case <title>', 'this case of the file, by its full title')
    .option('--target <target>', 'on this target, where the file runs on several')
    .option('--org-id <id>', 'of this org; by default the one of the token');
