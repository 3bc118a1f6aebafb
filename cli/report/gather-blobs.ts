import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { downloadArtifacts } from '../../client/artifacts/download-artifacts.ts';
import type { JobArtifacts } from '../../client/artifacts/list-artifacts.ts';
import type { Client } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';

/** Where a suite leaves the blob report of a process. */
const isBlob = ({ name }: { readonly name: string }): boolean => /(^|\/)qgjob-blob\/[^/]+\.zip$/.test(name);

/**
 * Downloads the blob reports of a run into one folder. Answers how many there are. Errors: `unavailable` where one cannot be
 * had: a report without it would be another one.
 */
export async function gatherBlobs(
  client: Client,
  all: readonly JobArtifacts[],
  { download, blobs }: { readonly download: string; readonly blobs: string },
): Promise<number> {
  const wanted = all.map(({ job, artifacts }) => ({ job, artifacts: artifacts.filter(isBlob) }));
  const got = await downloadArtifacts(client, wanted, { folder: download });
  for (const [index, { artifact, path, error }] of got.entries()) {
    if (path === undefined)
      throw new QgjobError('unavailable', `${artifact.name} of ${artifact.job_id} is missing: ${error}`);
    await copyFile(path, join(blobs, `${index}.zip`));
  }
  return got.length;
}
