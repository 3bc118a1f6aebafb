import type { Command } from 'commander';
import { QgjobError } from '../protocol/errors.ts';
import { kindOfId } from '../protocol/ids.ts';
import { collect, splitCommas } from './options.ts';

export interface IdFlags {
  readonly jobId?: readonly string[];
  readonly id?: readonly string[];
}

export interface NamedId {
  readonly id: string;
  readonly kind: 'run' | 'job';
}

/** The two flags of earlier systems for what the arguments name. */
export const addIdFlags = (command: Command): Command =>
  command
    .option('--job-id <id>', 'the same as the argument', collect)
    .option('--id <id>', 'the same as the argument', collect);

/** The runs and jobs of arguments and flags, each once. Errors: `invalid`. */
export function readIds(given: readonly string[], flags: IdFlags): NamedId[] {
  const ids = [...given, ...(flags.jobId ?? []), ...(flags.id ?? [])].flatMap(splitCommas);
  if (ids.length === 0) {
    throw new QgjobError('invalid', 'no id given; name a run or a job, as `qgjob submit` printed it');
  }
  return [...new Set(ids)].map(named);
}

/** The same for a command that takes exactly one. */
export function readOneId(given: readonly string[], flags: IdFlags): NamedId {
  const [first, second] = readIds(given, flags);
  if (first && !second) return first;
  throw new QgjobError('invalid', 'several ids given; this command takes one');
}

function named(id: string): NamedId {
  const kind = kindOfId(id);
  if (kind) return { id, kind };
  throw new QgjobError('invalid', `"${id}" is no id of a run or a job; they begin with run_ or job_`);
}
