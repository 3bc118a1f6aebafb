import { getPriority } from 'node:os';
import { nicerBy } from '../children/processes.ts';

/**
 * Joins a cgroup and lowers the priority, then becomes the program. Its words: the folder of the group, or an empty one;
 * how much lower; the program.
 */
const script = `group=$1 lower=$2
shift 2
[ -z "$group" ] || echo "$$" > "$group/cgroup.procs" || exit 1
exec nice -n "$lower" "$@"`;

/** The words that start a program in a cgroup from its first moment on, with a lower priority. */
export const startWords = (group: string | undefined): string[] => [
  '/bin/sh',
  '-c',
  script,
  'qgjob',
  group ?? '',
  String(nicerBy(getPriority())),
];
