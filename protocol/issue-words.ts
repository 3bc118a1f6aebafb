import type * as z from 'zod';

const bounds = { number: '', int: '', string: ' characters', array: ' items' } as const;

/** Zod's words for what people get wrong most, replaced by what to do. */
export const issueWords: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'invalid_type' && issue.input === undefined)
    return `is missing; give ${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`;
  if (issue.code === 'invalid_type') return `must be of the type ${issue.expected}`;
  if (issue.code !== 'too_big' && issue.code !== 'too_small') return undefined;
  const unit = bounds[issue.origin as keyof typeof bounds];
  if (unit === undefined) return undefined;
  const bound = issue.code === 'too_big' ? `at most ${issue.maximum}` : `at least ${issue.minimum}`;
  return unit === '' ? `must be ${bound}` : `must have ${bound}${unit}`;
};
