import * as z from 'zod';
import { isPlainName } from '../clean-text.ts';

const mostParams = 50;

/** Values for the tests of a run, by name: a test finds each as `QGJOB_PARAM_<name>` in its environment. */
export const Params = z
  .record(
    z.string(),
    z
      .string()
      .max(4000, 'a value has at most 4000 characters')
      .refine((text) => !text.includes('\0'), 'a value must not hold a NUL character'),
  )
  .refine(
    (given) => Object.keys(given).every((name) => /^[A-Za-z_]\w{0,99}$/.test(name)),
    'a name has only letters, digits and _, no digit first, and at most 100 of them',
  )
  .refine((given) => Object.keys(given).length <= mostParams, `at most ${mostParams} params`);
export type Params = z.infer<typeof Params>;

/** Which tests of each file run: those whose title matches this regular expression, or `/one/i` with flags. */
export const Grep = z
  .string()
  .min(1, 'must not be empty')
  .max(1000, 'has at most 1000 characters')
  .refine(isPlainName, 'must not hold control characters or line ends')
  .refine(isExpression, 'is no regular expression');

/** The span of a submit as W3C's Trace Context writes it. */
export const Traceparent = z
  .string()
  .regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/, 'is no W3C traceparent, like 00-<32 hex>-<16 hex>-01');

/** Read as Playwright reads it. */
function isExpression(grep: string): boolean {
  const [, source = grep, flags = 'gi'] = /^\/(.*)\/([gi]*)$/.exec(grep) ?? [];
  try {
    return Boolean(new RegExp(source, flags));
  } catch {
    return false;
  }
}

/** Says which leases have the same source, params and grep; empty where they name none. */
export const SourceHash = z.string().regex(/^[0-9a-f]{0,64}$/, 'source_hash must be at most 64 hex digits');
