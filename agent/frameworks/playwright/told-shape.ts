import * as z from 'zod';

// What reporter.cjs tells. A bad number is dropped, not the event: a test process could have written it as well.
const word = z.string().catch('');
const count = z.number().catch(0);

const Result = z.object({
  status: word,
  duration: count,
  errors: z.array(z.object({ message: z.string().optional().catch(undefined) })).default([]),
});

const Attachment = z.object({ name: z.string(), path: z.string(), contentType: word });
export type Attachment = z.infer<typeof Attachment>;

/** A test that has ended. `file` is where it is written, which may be a helper's file. Paths are absolute. */
export const ToldTest = z.object({
  id: z.string(),
  titles: z.array(z.string()),
  file: z.string(),
  line: z.int().min(0).optional().catch(undefined),
  projectName: word,
  expectedStatus: word,
  status: word,
  results: z.array(Result),
  attachments: z.array(Attachment).catch([]),
});
export type ToldTest = z.infer<typeof ToldTest>;

const file = z.string();

export const Told = z.discriminatedUnion('event', [
  z.object({ event: z.literal('made') }),
  z.object({
    event: z.literal('begin'),
    /** The files that have tests to run, and how many. */
    files: z.array(z.object({ file, tests: z.int() })),
    /** Files in which a test that was asked for is not there. */
    missing: z.array(file),
  }),
  /** `at`: epoch ms. */
  z.object({ event: z.literal('test-begin'), file, at: count }),
  /** `redo`: ids of the tests that must run again, where this one is not as it should be. */
  z.object({ event: z.literal('test-end'), file, test: ToldTest, redo: z.array(z.string()) }),
  z.object({ event: z.literal('file-end'), file }),
  /** The tool has put an app on the device. */
  z.object({ event: z.literal('installed') }),
  /** Whose output follows, until the next event of its kind or the next test. */
  z.object({ event: z.literal('output-of'), file: file.optional() }),
  z.object({
    event: z.literal('error'),
    message: z.string(),
    stack: z.string().optional(),
    file: file.optional(),
  }),
  /** The run has ended by itself. */
  z.object({ event: z.literal('end') }),
]);
export type Told = z.infer<typeof Told>;
