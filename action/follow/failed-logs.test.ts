import { expect, test } from 'vitest';
import { createClient } from '../../client/index.ts';
import { foreign, serve } from '../../client/test-support/serve.ts';
import { makeJob } from '../test-support/records.ts';
import { lastLines, readFailedLog } from './failed-logs.ts';

const never = new AbortController().signal;

test('a short log is whole, of a long one the end is shown and said', () => {
  expect(lastLines('a\nb')).toBe('a\nb');
  const long = Array.from({ length: 200 }, (_, index) => `line ${index}`);
  expect(lastLines(long.join('\n'))).toBe(
    ['… 50 lines left out; the log of the job has them', ...long.slice(50)].join('\n'),
  );
  const wide = lastLines('x'.repeat(40_000));
  expect(wide).toHaveLength(32_000 + '… the start left out; the log of the job has them\n'.length);
});

test('the last attempt is read, and a test that wrote nothing has nothing to fold', async () => {
  const bytes = { 'content-type': 'text/plain; charset=utf-8' };
  const { url, seen } = await serve(foreign(200, 'expected 3\n', bytes), foreign(200, '', bytes));
  const client = createClient({ url, token: 't' });
  const job = makeJob('a.spec.ts', { status: 'failed', outcome: null, attempt: 2 });
  expect(await readFailedLog(client, job, never)).toEqual([
    'log of a.spec.ts on emulator, failed',
    'expected 3',
  ]);
  expect(await readFailedLog(client, job, never)).toBeUndefined();
  expect(seen[0]?.line).toContain('attempt=2');
});
