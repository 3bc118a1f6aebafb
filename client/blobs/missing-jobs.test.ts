import { expect, test } from 'vitest';
import { makeJob } from '../../cli/test-support/answers.ts';
import { tellMissing } from './missing-jobs.ts';

test('of many jobs that a page does not show the first few are named, in one line', () => {
  const job = makeJob({ target: 'emulator', status: 'errored' });
  const jobs = Array.from({ length: 7 }, (_, index) => ({
    ...job,
    test_path: `tests/${index}\n::error::x.ts`,
  }));
  const words = tellMissing(jobs, 40);
  expect(words).toMatch(
    /^The HTML report does not show 7 of 40 jobs, which left no blob report: tests\/0\s*::error::x.ts \(emulator, errored\), /,
  );
  expect(words).toMatch(/, and 2 more$/);
  expect(words).not.toContain('\n');
  expect(tellMissing([], 40)).toBeUndefined();
});
