import * as z from 'zod';

// What the reporters of ours tell from inside of a framework. A bad number is dropped, not the event: a test process could
// have written it as well.
const file = z.string();
const count = z.number().catch(0);

/** A test, or a hook, that has ended. */
export const ToldTest = z.object({
  titles: z.array(z.string()),
  status: z.enum(['passed', 'failed', 'skipped']),
  /** The messages of the tries that failed; a test that passed after some is flaky. */
  failures: z.array(z.string()),
  /** In ms. */
  duration: count,
  line: z.int().min(0).optional().catch(undefined),
});
export type ToldTest = z.infer<typeof ToldTest>;

const events = [
  /** The files that have tests to run. Not told where that is not known beforehand. */
  z.object({ event: z.literal('plan'), files: z.array(file) }),
  /** `at`: epoch ms. */
  z.object({ event: z.literal('test-begin'), file, at: count }),
  z.object({ event: z.literal('test-end'), file, test: ToldTest }),
  /** All tests of a file, in place of those that were told one by one. */
  z.object({ event: z.literal('tests'), file, tests: z.array(ToldTest) }),
  /** No more tests of it run. `errors`: what went wrong in it outside of any test. */
  z.object({ event: z.literal('file-end'), file, errors: z.array(z.string()) }),
  /** Something outside of tests failed, such as the loading of a file. */
  z.object({ event: z.literal('error'), message: z.string() }),
  /** What the tests of this file talk to does not answer any more. */
  z.object({ event: z.literal('lost'), file, message: z.string() }),
  /** The app was put on the device. */
  z.object({ event: z.literal('install') }),
  /** It cannot run at all, for a reason that no other host changes. */
  z.object({ event: z.literal('rejected'), message: z.string() }),
  /** The run has ended by itself. `error`: it could not begin, since what the tests need was not there. */
  z.object({ event: z.literal('end'), error: z.string().optional() }),
] as const;

/**
 * The events of the reporter are numbered from 0 by `n`: one that got lost may have told of a failure. What others tell has
 * no number.
 */
export const Told = z.intersection(
  z.object({ n: z.int().min(0).optional() }),
  z.discriminatedUnion('event', events),
);
export type Told = z.infer<typeof Told>;
