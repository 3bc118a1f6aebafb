import { statSync } from 'node:fs';
import { type Finding, ok, problem, warning } from '../../host/finding.ts';
import { lockHolder } from '../../host/lock-file.ts';
import { formatBytes } from '../../protocol/sizes.ts';
import { isMarked, isReplacing } from '../db/check-database.ts';
import { knownSchemas, schemaMadeAt } from '../db/schema-name.ts';
import { openReader, type Reader } from '../db/snapshot.ts';

/** A log that checkpoints keep up with is far smaller. */
const largeLogBytes = 256 * 2 ** 20;

const sizeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.size;

/**
 * A database file, also while a server runs on it: it is only read, every page of it, about a second for a gigabyte.
 * `file`: absolute.
 */
export function examineDatabase(file: string): Finding[] {
  const again = 'restore a backup: qgjob restore FILE --data-dir=FOLDER --force';
  if (isReplacing(file))
    return [problem('database', `a restore of ${file} was cut off`, 'run `qgjob restore` again')];
  if (sizeOf(file) === undefined)
    return [
      problem(
        'database',
        `there is no ${file}`,
        'give --data-dir as the server has it, or start the server: it makes one',
      ),
    ];
  try {
    const reader = openReader(file);
    try {
      return [
        examinePages(reader, file, again),
        examineSchema(reader),
        examineLock(file),
        ...examineLog(file),
      ];
    } finally {
      reader.close();
    }
  } catch (error) {
    return [problem('database', `${file}: ${(error as Error).message}`, again)];
  }
}

function examinePages(reader: Reader, file: string, again: string): Finding {
  const [row] = reader.rows('PRAGMA quick_check(1)');
  const said = String(row?.quick_check ?? 'it cannot be checked').replace(/\s+/g, ' ');
  if (said !== 'ok') return problem('database', `${file} is damaged: ${said}`, again);
  const size = formatBytes(sizeOf(file) ?? 0);
  if (isMarked(file))
    return warning(
      'database',
      `${file}, ${size}: marked as doubtful`,
      'start the server: it looks at every page first',
    );
  return ok('database', `${file}, ${size}, every page is sound`);
}

function examineSchema(reader: Reader): Finding {
  const [row] = reader.rows('SELECT max(created_at) AS at FROM __drizzle_migrations');
  const newest = knownSchemas().at(-1);
  const { name, made_at: madeAt } = schemaMadeAt(Number(row?.at));
  if (name === '')
    return problem(
      'schema',
      'is of a newer version of qgjob',
      'start that version, or restore a backup of before',
    );
  return madeAt === newest?.made_at
    ? ok('schema', name)
    : warning(
        'schema',
        `${name}, and this version has ${newest?.name}`,
        'restart the server with this version: it brings the database to it',
      );
}

function examineLock(file: string): Finding {
  const path = `${file}.lock`;
  const pid = lockHolder(path);
  if (pid !== undefined) return ok('lock', `held by the server with pid ${pid}`);
  return sizeOf(path) === undefined
    ? ok('lock', 'free: no server runs here, and the last one stopped properly')
    : warning(
        'lock',
        'left by a server that was killed',
        'start the server: it takes the lock over and looks at every page',
      );
}

function examineLog(file: string): Finding[] {
  const bytes = sizeOf(`${file}-wal`) ?? 0;
  if (bytes === 0) return [];
  const says = `${formatBytes(bytes)} wait to be written into the database file`;
  return bytes < largeLogBytes
    ? [ok('log', says)]
    : [
        warning(
          'log',
          says,
          'a backup or another program that reads for long keeps it from becoming smaller; a restart of the server writes it back',
        ),
      ];
}
