import { opendir } from 'node:fs/promises';
import { join } from 'node:path';

/** A file that an attempt left. */
export interface FoundFile {
  /** Absolute. It must lie in the folder that was searched when it is read. */
  readonly path: string;
  /** Where it lies in that folder, with `/`. */
  readonly name: string;
}

/** Something that is no artifact, and why, in a few words. */
export interface LeftOut {
  readonly name: string;
  readonly why: string;
}

export interface FoundFiles {
  /** Absolute: the folder that was searched. */
  readonly folder: string;
  /** In the order of their names. */
  readonly files: readonly FoundFile[];
  readonly leftOut: readonly LeftOut[];
}

/** Entries that are looked at: a test may make more files than any person looks at. */
const mostEntries = 10_000;
const deepest = 40;

/** What Playwright notes for itself. */
const ofNoInterest: readonly string[] = ['.last-run.json'];

/** All regular files below a folder. No link is followed. A folder that is gone or cannot be read has none. */
export async function findFiles(folder: string, most = mostEntries): Promise<FoundFiles> {
  const files: FoundFile[] = [];
  const leftOut: LeftOut[] = [];
  const todo = [{ path: folder, name: '', depth: 0 }];
  let entries = 0;
  for (let next = todo.pop(); next; next = todo.pop()) {
    for await (const entry of entriesOf(next.path)) {
      entries += 1;
      if (entries > most) {
        leftOut.push({ name: next.name || '.', why: `what lies behind the first ${most} entries` });
        return { folder, files: byName(files), leftOut: byName(leftOut) };
      }
      const name = next.name === '' ? entry.name : `${next.name}/${entry.name}`;
      const found = { path: join(next.path, entry.name), name };
      if (entry.isFile()) {
        if (!ofNoInterest.includes(entry.name)) files.push(found);
      } else if (entry.isDirectory() && next.depth < deepest) todo.push({ ...found, depth: next.depth + 1 });
      else leftOut.push({ name, why: whyNot(entry) });
    }
  }
  return { folder, files: byName(files), leftOut: byName(leftOut) };
}

const byName = <T extends { readonly name: string }>(some: readonly T[]): T[] =>
  [...some].sort((a, b) => (a.name < b.name ? -1 : 1));

type Entry = Awaited<ReturnType<typeof opendir>> extends AsyncIterable<infer T> ? T : never;

function whyNot(entry: Entry): string {
  if (entry.isSymbolicLink()) return 'a link';
  return entry.isDirectory() ? 'too deep' : 'no plain file';
}

/** One by one: a folder may hold any number of them. */
async function* entriesOf(path: string): AsyncGenerator<Entry> {
  try {
    yield* await opendir(path);
  } catch {
    // It is gone, or not ours to read.
  }
}
