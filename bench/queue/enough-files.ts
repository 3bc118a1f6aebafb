import { readFileSync } from 'node:fs';

/** Files that a process needs beside its connections. */
const others = 500;

/** Throws when this system lets no process have so many connections. Node itself goes up to the hard limit. */
export function checkOpenFiles(connections: number): void {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const hard = Number(/^Max open files +\S+ +(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  if (hard >= connections + others) return;
  throw new Error(
    `${connections} held polls need as many open files, and the limit is ${hard}: raise "ulimit -n"`,
  );
}
