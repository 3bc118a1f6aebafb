import { existsSync, readFileSync } from 'node:fs';

interface Note {
  readonly what: 'begin' | 'end';
  /** Unix time in ms. */
  readonly at: number;
  readonly pid: number;
  readonly worker: number;
  readonly file: string;
}

/** What the tests of one run noted. All times are Unix times or differences in ms. */
export interface Timeline {
  readonly firstBegin: number;
  readonly tests: number;
  /** Between the end of a test and the beginning of the next one of the same process and worker. */
  readonly gaps: readonly number[];
  /** When the last test of each file ended. */
  readonly lastEnd: ReadonlyMap<string, number>;
  /** The last file of each process: its result waits for the end of the tool. */
  readonly lastFiles: ReadonlySet<string>;
}

export function readTimeline(log: string): Timeline {
  const notes = (existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : []).map(
    (line) => JSON.parse(line) as Note,
  );
  const gaps: number[] = [];
  const lastEnd = new Map<string, number>();
  const ended = new Map<string, number>();
  const lastOf = new Map<number, string>();
  for (const { what, at, pid, worker, file } of notes) {
    const slot = `${pid} ${worker}`;
    lastOf.set(pid, file);
    const before = ended.get(slot);
    if (what === 'begin' && before !== undefined) gaps.push(at - before);
    if (what === 'begin') ended.delete(slot);
    else {
      ended.set(slot, at);
      lastEnd.set(file, at);
    }
  }
  const begins = notes.filter(({ what }) => what === 'begin');
  return {
    firstBegin: Math.min(...begins.map(({ at }) => at)),
    tests: begins.length,
    gaps,
    lastEnd,
    lastFiles: new Set(lastOf.values()),
  };
}
