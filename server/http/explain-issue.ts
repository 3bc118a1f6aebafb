import type * as z from 'zod';
import { QgjobError } from '../../protocol/errors.ts';

const issuesShown = 10;
const keysShown = 3;

/** Zod's words for the two mistakes that callers make most, turned into what to do. */
const wording: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.slice(0, keysShown).map((key) => `"${key.slice(0, 60)}"`);
    return `unknown: ${names.join(', ')}; leave it out, /openapi.json lists what this call takes`;
  }
  return issue.code === 'invalid_type' && issue.input === undefined
    ? `is required, as ${issue.expected}`
    : undefined;
};

/** The value that `shape` makes of the input. Errors: `invalid` naming the field; its details list the first ten. */
export function parse(shape: z.ZodType, input: unknown): unknown {
  const parsed = shape.safeParse(input, { error: wording });
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, issuesShown).map((issue) => ({
    path: issue.path.join('.').slice(0, 200),
    message: issue.message.slice(0, 300),
  }));
  const [first] = issues;
  const where = first?.path ? `${first.path}: ` : '';
  throw new QgjobError('invalid', `${where}${first?.message}`, { details: { issues } });
}
