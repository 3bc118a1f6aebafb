import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../../../test/support/queue.ts';
import { createFolderLogs } from './folder-logs.ts';

test.skipIf(!existsSync('/dev/full'))('a full disk is told as a trouble that passes', async () => {
  const folder = tempFolder();
  mkdirSync(join(folder, 'logs', 'job_1'), { recursive: true });
  symlinkSync('/dev/full', join(folder, 'logs', 'job_1', '1.log'));
  const append = createFolderLogs(folder).append('job_1', 1, 0, Buffer.from('one\n'));
  await expect(append).rejects.toMatchObject({ code: 'unavailable' });
});
