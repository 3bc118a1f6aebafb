import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findMigrations } from './migrate.ts';

/** A state of the schema, by its last migration. */
export interface SchemaName {
  /** Like `0018_checks`; '' for one that this version does not know. */
  readonly name: string;
  /** When the migration was written, epoch ms: its number in the table of those that were applied. */
  readonly made_at: number;
}

/** All that this version knows, in order. */
export function knownSchemas(): SchemaName[] {
  const journal = readFileSync(join(findMigrations(), 'meta', '_journal.json'), 'utf8');
  const { entries } = JSON.parse(journal) as { entries: { tag: string; when: number }[] };
  return entries.map(({ tag, when }) => ({ name: tag, made_at: when }));
}

export const schemaMadeAt = (madeAt: number): SchemaName =>
  knownSchemas().find((one) => one.made_at === madeAt) ?? { name: '', made_at: madeAt };
