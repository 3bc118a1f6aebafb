const words: Record<string, number> = { low: 2, medium: 5, high: 8 };

/** A priority as people write it: 1 to 10 (10 is the most urgent), or low, medium, high. Undefined for other text. */
export function parsePriority(text: string | number): number | undefined {
  const word = words[String(text).toLowerCase()];
  if (word !== undefined) return word;
  const value = typeof text === 'number' ? text : /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isInteger(value) && value >= 1 && value <= 10 ? value : undefined;
}

export const badPriority = (text: string | number): string =>
  `priority "${text}" is not allowed: use a whole number from 1 to 10 (10 is the most urgent), or low, medium, high`;
