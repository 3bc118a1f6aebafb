import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

/** Where it ran: figures of different machines are not to be compared. */
export const describeMachine = () => ({
  cores: cpus().length,
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  memory_gib: Math.round(totalmem() / 2 ** 30),
  kernel: `${process.platform} ${release()}`,
  node: process.version,
  load_before: loadNow(),
});

/** Processes that wanted a core in the last minute: what else the machine did. */
const loadNow = (): number => Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]);
