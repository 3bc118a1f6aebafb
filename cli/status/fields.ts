import { formatDuration } from '../../protocol/durations.ts';
import { inColour } from '../output/colour.ts';

/** A name and what it says; undefined is left out. */
export type Field = readonly [name: string, value: string | undefined];

const nameWidth = 10;

/** The id and the word of what is described, then its fields, aligned. */
export function formatFields(id: string, word: string, fields: readonly Field[]): string[] {
  const lines = fields.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`  ${name.padEnd(nameWidth)}${value}`],
  );
  return [`${id}  ${inColour(word)}`, ...lines];
}

/** `2026-11-24 10:15:03 UTC`, and how long it took from there. */
export function formatTimes(from: string, to: string | null): string {
  const at = `${from.slice(0, 19).replace('T', ' ')} UTC`;
  return to === null ? at : `${at}, done in ${formatDuration(Date.parse(to) - Date.parse(from))}`;
}
