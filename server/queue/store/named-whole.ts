import type { TestCase } from '../../../protocol/shapes/job.ts';

/** An agent cuts names at 200 at the least, or before half a character; and leaves the longest out. */
const shortestCut = 199;
const leftOut = /^\(\d+ characters, left out\)/;

const isCut = (text: string): boolean =>
  (text.length >= shortestCut && text.endsWith('…')) || leftOut.test(text);

/**
 * Whether a case has its whole name. Where a report is so long that names are cut, two cases may look like one: what is known of
 * such a name is of neither. The id of a framework tells them apart.
 */
export const isNamedWhole = ({ id, name, file = '' }: TestCase): boolean =>
  id !== undefined || !(isCut(name) || isCut(file));
