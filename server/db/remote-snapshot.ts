import Database from 'libsql';
import { urlOf } from './file-url.ts';
import { describeSnapshot, type SnapshotFacts } from './snapshot.ts';
import type { RemoteDatabase } from './store.ts';

/** SQL is run in pieces of about so many characters. */
const pieceLength = 2 ** 20;

export interface DumpLimits {
  /** How long the server may send nothing, ms. */
  readonly stalledMs: number;
  /** Asked while the copy grows; throws where the disk is needed for other things. */
  readonly checkRoom: () => void;
}

/**
 * Writes the database of a libSQL server as it is at this moment to a new file: the server answers `GET /dump` with one
 * consistent text of SQL. Errors: that the server does not answer so, or not to its end, or stands still; SQLite's.
 */
export async function takeRemoteSnapshot(
  { url, authToken }: RemoteDatabase,
  target: string,
  { stalledMs, checkRoom }: DumpLimits,
): Promise<SnapshotFacts> {
  const abort = new AbortController();
  const why = new Error(`the libSQL server has sent nothing of its answer to GET /dump for ${stalledMs} ms`);
  const stalled = setTimeout(() => abort.abort(why), stalledMs);
  try {
    return await copyDump({ url, authToken }, target, abort.signal, () => {
      checkRoom();
      // Running the SQL takes time too, which is none of the server's.
      stalled.refresh();
    });
  } finally {
    clearTimeout(stalled);
  }
}

async function copyDump(
  { url, authToken }: RemoteDatabase,
  target: string,
  signal: AbortSignal,
  onPiece: () => void,
): Promise<SnapshotFacts> {
  const answer = await fetch(new URL('dump', `${httpOf(url).replace(/\/+$/, '')}/`), {
    headers: authToken ? { authorization: `Bearer ${authToken}` } : {},
    ...{ redirect: 'manual' as const, signal },
  });
  if (!answer.ok || !answer.body)
    throw new Error(`the libSQL server answered ${answer.status} to GET /dump, by which it is copied`);
  const copy = new Database(urlOf(target));
  try {
    // The file is nobody's until it is whole.
    copy.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF');
    const pieces = new SqlPieces();
    for await (const text of answer.body.pipeThrough(
      new TextDecoderStream() as never,
    ) as unknown as AsyncIterable<string>) {
      for (const sql of pieces.push(text)) copy.exec(sql);
      onPiece();
    }
    const rest = pieces.end();
    if (!/\bCOMMIT;\s*$/.test(rest))
      throw new Error('the libSQL server ended its answer to GET /dump before its end');
    copy.exec(rest);
  } finally {
    copy.close();
  }
  return describeSnapshot(target);
}

const httpOf = (url: string): string => url.replace(/^libsql:/, 'https:');

/** After the tables and their rows: here semicolons and line ends do not always end a statement. */
const tail = /^CREATE (?:UNIQUE )?(?:INDEX|TRIGGER)\b/m;

/**
 * Cuts a dump behind statements. Those of tables and rows end with `;` and a line's end, and hold no other such pair: a
 * line's end in a text is written as `char(10)`. Indexes and triggers come last, and are one piece.
 */
export class SqlPieces {
  #text = '';
  #isTail = false;

  push(text: string): string[] {
    this.#text += text;
    if (this.#isTail || this.#text.length < pieceLength) return [];
    const start = tail.exec(this.#text)?.index;
    this.#isTail = start !== undefined;
    const end = start ?? this.#text.lastIndexOf(';\n') + 1;
    const piece = this.#text.slice(0, end);
    this.#text = this.#text.slice(end);
    return piece === '' ? [] : [piece];
  }

  end(): string {
    return this.#text;
  }
}
