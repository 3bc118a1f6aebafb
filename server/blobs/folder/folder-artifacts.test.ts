import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { tempFolder } from '../../../test/support/queue.ts';
import { createFolderArtifacts } from './folder-artifacts.ts';

test('a file that is shorter than it was ends the reading, not the process', async () => {
  const folder = tempFolder();
  const store = createFolderArtifacts(folder);
  mkdirSync(join(folder, 'artifacts', 'job_1'), { recursive: true });
  writeFileSync(join(folder, 'artifacts', 'job_1', 'art_1'), 'half');
  const read = store.read({ jobId: 'job_1', artifactId: 'art_1' }, 0, 8);
  await expect(buffer(await read)).rejects.toThrow('ends at 4, before 8');
});
