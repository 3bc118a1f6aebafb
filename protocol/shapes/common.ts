import * as z from 'zod';
import { isPlainName, isSeenName } from '../clean-text.ts';
import { namePattern } from '../ids.ts';
import { limits } from '../limits.ts';
import { badPriority, parsePriority } from '../priority.ts';
import { frameworks } from '../states.ts';
import { isTarget, targetKinds, unknownTarget } from '../targets.ts';

export const Instant = z.iso.datetime().describe('An instant, ISO 8601 in UTC');
export const Ms = z.int().min(0);

const named = (what: string) =>
  z
    .string()
    .regex(
      namePattern,
      `${what} must be 1 to 128 letters, digits or . _ @ + : -, and start with a letter or digit`,
    );

export const OrgId = named('org_id');
export const AppVersionId = named('app_version_id');
export const Name = named('a name');

/** An input as quoted in a message. An object's own `toString` must not be called. */
const quoted = (input: unknown): string =>
  typeof input === 'string' || typeof input === 'number' ? String(input).slice(0, 80) : typeof input;

export const Target = z
  .string()
  .refine(isTarget, { error: (issue) => unknownTarget(quoted(issue.input)) })
  .describe(`${targetKinds}, or one of them with a pool: device/pixel-8`);

export const Priority = z
  .union([z.int(), z.string()], { error: (issue) => badPriority(quoted(issue.input)) })
  .transform((value, context) => {
    const priority = parsePriority(value);
    if (priority !== undefined) return priority;
    context.addIssue({ code: 'custom', message: badPriority(value) });
    return z.NEVER;
  })
  .describe('1 to 10, 10 is the most urgent; or low (2), medium (5), high (8)');

export const FrameworkName = z.enum(frameworks);

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits, in lower case');

/** The rules of every path of a source. */
const pathInSource = (what: string) =>
  z
    .string()
    .min(1, `${what} must not be empty`)
    .max(limits.testPathLength, `${what} has at most ${limits.testPathLength} characters`)
    .refine(
      isPlainName,
      `${what} must not hold control characters, line ends or what turns the direction of writing`,
    )
    .refine(
      (path) => !path.startsWith('/') && !path.includes('\\') && !path.split('/').includes('..'),
      `${what} must be relative to the source, with / between folders and no ..`,
    );

/** A test file: a relative path with `/` inside the source. The framework decides what it runs. */
export const TestPath = pathInSource('a test path').refine(
  (path) => path.trim() === path,
  'a test path must not begin or end with a blank',
);

/** A test file of a submit: none that looks like another one. What a server has is read as it is. */
export const NewTestPath = TestPath.refine(
  isSeenName,
  'a test path must not hold characters that show nothing, such as a blank without a width',
);

/** A folder of a source: a relative path with `/`. Test paths are relative to it. */
export const Subdir = pathInSource('a folder');

export const Cursor = z.string().max(200);
export const NextCursor = z.string().nullable();

/** How long the server may hold a POST that has nothing to answer yet, in ms; 0 answers at once. */
export const WaitMs = z.int().min(0).max(limits.longPollMs).default(0);

/** A number in a query string. */
export const queryInt = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d{1,12}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(minimum).max(maximum));

/** The body of a change: at least one of these fields. */
export const someOf = <T extends z.ZodRawShape>(shape: T) =>
  z.strictObject(shape).refine((body) => Object.keys(body).length > 0, {
    message: `nothing to change: send ${Object.keys(shape).join(' or ')}`,
  });

export const Page = {
  limit: queryInt(1, limits.maxPageSize).optional(),
  cursor: Cursor.optional(),
  offset: queryInt(0, 1_000_000).optional(),
};
