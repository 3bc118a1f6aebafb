import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A function of a program that spells a value in all ways that are looked for: by its name, bytes in base64. */
export const spellSource = `
const units = (text) => [...text].map((char) => '\\\\u' + char.charCodeAt(0).toString(16).padStart(4, '0')).join('');
function spell(value) {
  const bytes = Buffer.from(value);
  const half = value.length >> 1;
  return {
    plain: bytes,
    base64: bytes.toString('base64'),
    base64url: bytes.toString('base64url'),
    'base64 in lines': bytes.toString('base64').replace(/.{76}/g, (line) => line + '\\n'),
    hex: bytes.toString('hex'),
    'hex in capitals': bytes.toString('hex').toUpperCase(),
    URL: encodeURIComponent(value),
    'JSON escapes': units(value),
    'UTF-16': Buffer.from(value, 'utf16le'),
    'HTML entities': [...value].map((char) => '&#' + char.charCodeAt(0) + ';').join(''),
    'two writes': bytes,
    'with a colour': value.slice(0, half) + '\\u001b[31m' + value.slice(half),
  };
}`;

/** Spells a value here. */
export function spellings(value: string): Map<string, Buffer> {
  const spelled = new Function('Buffer', `${spellSource}; return spell(arguments[1]);`)(Buffer, value);
  return new Map(
    Object.entries(spelled as Record<string, Buffer | string>).map(([name, text]) => [
      name,
      Buffer.from(text as string),
    ]),
  );
}

/** Something that was left, and where. */
export interface Place {
  readonly name: string;
  readonly bytes: Buffer;
}

/** All files below a folder. */
export const filesBelow = (folder: string): Place[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ name: path.slice(folder.length + 1), bytes: readFileSync(path) }));

/** All texts and blobs of all tables of a database that nobody writes any more. */
export function cellsOf(path: string): Place[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const tables = database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all();
    return tables.flatMap(({ name: table }) =>
      database
        .prepare(`SELECT * FROM "${table}"`)
        .all()
        .flatMap((row) =>
          Object.entries(row)
            .filter(([, cell]) => typeof cell === 'string' || cell instanceof Uint8Array)
            .map(([column, cell]) => ({ name: `${table}.${column}`, bytes: Buffer.from(cell as string) })),
        ),
    );
  } finally {
    database.close();
  }
}

/** Where which spelling is found: `<place>: <spelling>`. Blobs are named by their hash, so by their folder alone. */
export function findIn(places: readonly Place[], values: Readonly<Record<string, string>>): string[] {
  const found = new Set<string>();
  for (const [what, value] of Object.entries(values))
    for (const [how, bytes] of spellings(value))
      for (const place of places)
        if (place.bytes.includes(bytes)) found.add(`${place.name}: ${what}, ${how}`);
  return [...found].sort();
}
