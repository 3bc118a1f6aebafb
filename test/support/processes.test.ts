import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startLine } from './processes.ts';
import { tempFolder } from './queue.ts';

test('a line that cannot be started is said at once, and no signal goes to another process', () => {
  const cwd = join(tempFolder(), 'is-not-there');
  expect(() => startLine('true', { cwd, env: {} })).toThrow(`could not be started in ${cwd}: true`);
});
