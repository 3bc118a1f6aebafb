import type * as z from 'zod';
import { QgjobError } from '../../protocol/errors.ts';

/** The fields of a form as the value of this shape. Errors: `invalid`, in words about the first field that is wrong. */
export function readFields<T extends z.ZodType>(shape: T, fields: unknown): z.output<T> {
  const parsed = shape.safeParse(fields);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
  throw new QgjobError('invalid', `${where}${issue?.message.slice(0, 300)}`);
}

/** A number of a form; undefined where the field is empty. Errors: `invalid`. */
export function readNumber(name: string, text: string): number | undefined {
  if (text.trim() === '') return undefined;
  const number = Number(text);
  if (Number.isFinite(number)) return number;
  throw new QgjobError('invalid', `${name}: "${text.slice(0, 30)}" is no number`);
}
