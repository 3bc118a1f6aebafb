import { shortLine } from '../../../protocol/clean-text.ts';

/** Foreign text as one line that cannot pretend to be another. */
export const plain = (text: string, most = 300): string => shortLine(text, most);

/** `run_0197…` as people compare it: the kind and the last figures, which differ most. */
export const shortId = (id: string): string => id.replace(/^([a-z]+_)[0-9a-f]{24}(?=[0-9a-f]{8}$)/, '$1…');

/** The first line that is not blank. */
export const firstLine = (text: string): string => text.split('\n').find((line) => line.trim() !== '') ?? '';
