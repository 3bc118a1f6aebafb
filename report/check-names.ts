import { shortLine } from '../protocol/clean-text.ts';

const placeholder = '<target>';
const maxName = 200;
const maxLeg = 80;

/**
 * The names of the check runs, one for each target. A leg of a matrix is named beside the target: two legs with one name
 * would take each other's place. A name without a place for the target gets one where it is needed.
 */
export function checkNames(
  template: string,
  targets: readonly string[],
  leg: string | undefined,
): ReadonlyMap<string, string> {
  const isPlain = !template.includes(placeholder) && targets.length === 1 && leg === undefined;
  const whole = isPlain || template.includes(placeholder) ? template : `${template} (${placeholder})`;
  return new Map(
    targets.map((target) => {
      const words = leg === undefined ? target : `${target}, ${leg}`;
      return [
        target,
        shortLine(
          whole.replaceAll(placeholder, () => words),
          maxName,
        ),
      ];
    }),
  );
}

/** The values of a matrix as GitHub names a leg by them, `ubuntu-latest, 3`; undefined in a job without a matrix. */
export function legWords(matrix: string): string | undefined {
  const values = leaves(parse(matrix)).map(String);
  return values.length === 0 ? undefined : shortLine(values.join(', '), maxLeg);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const leaves = (value: unknown): unknown[] => {
  if (value === null || value === undefined) return [];
  return typeof value === 'object' ? Object.values(value).flatMap(leaves) : [value];
};
