import type { Judged } from './check-retry.ts';
import { fitTests, listBytes } from './fit-tests.ts';

/** A libSQL server takes values of at most 5 MB; beside the lists are the error, and a few short values. */
const sentBytes = 4_500_000;
/** So many ids have room beside two full lists. */
const fewIds = 100;

/**
 * A verdict as small as a libSQL server takes it. Its lists are cut. Quotes and backslashes are escaped twice until they are
 * there, so what would be sent is measured too: where it is too much, the merged list becomes shorter, or a next attempt
 * runs the whole file.
 */
export function fitResult({ tests, ...rest }: Judged): Judged {
  const whole: Judged = tests ? fitTests({ ...rest, tests }) : rest;
  const { merged, only: _only, ...other } = whole;
  const cut = (most: number) => merged && { merged: fitTests(merged, most) };
  const full = { ...whole, ...cut(listBytes) };
  // The two lists are below the limit, whatever is escaped in them, and measuring takes time.
  if ((whole.only?.length ?? 0) < fewIds) return full;
  const choices: Judged[] = [
    full,
    { ...whole, ...cut(listBytes / 4) },
    { ...other, ...cut(listBytes) },
    { ...other, ...cut(listBytes / 4) },
  ];
  return choices.find((one) => bytesSent(one) <= sentBytes) ?? (choices.at(-1) as Judged);
}

const partsOf = ({ tests, report, provider, only, merged, error }: Judged): unknown[] => [
  ...[tests, report, provider, only, merged?.tests, merged?.report],
  error,
];

/** As `endAttempts` sends it: JSON, in a list that is JSON. */
const bytesSent = (one: Judged): number =>
  Buffer.byteLength(JSON.stringify(partsOf(one).map((part) => JSON.stringify(part))));
