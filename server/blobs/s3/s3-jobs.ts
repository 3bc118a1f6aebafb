import type { JobFolders } from '../job-folders.ts';
import { deleteObjects, listObjects, safeKey } from './objects.ts';
import type { S3Client } from './s3-client.ts';

/** The files of jobs below `folder` (`logs/`): their names go on with the id of the job and a /. */
export function s3Jobs(
  s3: S3Client,
  folder: string,
  onRemove: (jobId: string) => void = () => {},
): JobFolders {
  return {
    async list() {
      // Names alone, a thousand a call; how old its files are is looked at where a job is to be removed.
      const ids: string[] = [];
      for (let next: Readonly<Record<string, string>> | undefined = {}; next; ) {
        const page = await s3.list(folder, { delimiter: '/', ...next });
        ids.push(...page.prefixes.map((prefix) => prefix.slice(folder.length, -1)));
        next = page.next;
      }
      return ids;
    },
    async remove(jobId, before = Number.POSITIVE_INFINITY) {
      onRemove(jobId);
      const keys: string[] = [];
      let bytes = 0;
      // One that is new keeps them all, also where a later page shows it.
      for await (const objects of listObjects(s3, safeKey(`${folder}${jobId}/`)))
        for (const { key, size, changedAt } of objects) {
          if (changedAt >= before) return 0;
          keys.push(key);
          bytes += size;
        }
      await deleteObjects(s3, keys);
      return bytes;
    },
    async size() {
      let bytes = 0;
      for await (const objects of listObjects(s3, folder))
        bytes += objects.reduce((sum, { size }) => sum + size, 0);
      return bytes;
    },
  };
}
