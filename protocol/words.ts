/** Words that all programs say alike. */

/** `1 job`, `2 jobs`. */
export const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/** As much of a commit, or of another hash, as people read. */
export const shortHash = (hash: string): string => hash.slice(0, 12);
