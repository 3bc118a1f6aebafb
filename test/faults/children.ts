import { readdirSync, readFileSync } from 'node:fs';

/** A process of a test, found by the variable that agents give to their tests. */
export interface Child {
  readonly pid: number;
  readonly command: string;
}

/** The processes of tests whose agents keep their files below `folder`. */
export function findChildren(folder: string): Child[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && readProc(name, 'environ').split('\0').some(isMarked(folder)))
    .map((name) => ({ pid: Number(name), command: readProc(name, 'cmdline').replaceAll('\0', ' ').trim() }));
}

const isMarked = (folder: string) => (variable: string) => variable.startsWith(`QGJOB_CHILD=${folder}/`);

/** Empty for a process that has ended or belongs to another user. */
function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
