import { test } from 'vitest';
import { expectOneUpload } from '../support/one-upload.ts';

test('30 jobs of one app in two runs are one upload, also with another start of the agent between', () =>
  expectOneUpload(15));
