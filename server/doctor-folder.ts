import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { type Finding, ok, problem } from '../host/finding.ts';
import { blobPlaceOf } from './blob-settings.ts';
import { checkBucket } from './blobs/s3/check-bucket.ts';
import { deleteObjects } from './blobs/s3/objects.ts';
import { S3Client } from './blobs/s3/s3-client.ts';
import { wallClock } from './clock.ts';
import { readSettings, type ServerConfig, type SettingFlags } from './config.ts';
import { databasePlace } from './database-settings.ts';
import { examineDatabase } from './doctor/examine-database.ts';
import { examineFolders } from './doctor/examine-folder.ts';

/**
 * What can be seen of a server on its host, whether or not it runs; `flags` by the names of the settings. Changes
 * nothing: what it writes to a bucket, to see whether it may, is deleted again.
 */
export async function examineServerFolder(flags: SettingFlags): Promise<Finding[]> {
  const config = readSettings(flags);
  const place = databasePlace(config);
  const { folder, s3 } = blobPlaceOf(config);
  return [
    ...(typeof place === 'string'
      ? examineDatabase(resolve(place))
      : [ok('database', `at ${place.url}: see what the server says of it`)]),
    ...examineFolders(resolve(config.data_dir), s3 ? undefined : resolve(folder), config.min_free_bytes),
    ...(s3 ? [await examineBucket(config)] : []),
  ];
}

async function examineBucket(config: ServerConfig): Promise<Finding> {
  const { s3 } = blobPlaceOf(config);
  if (!s3) throw new Error('there is no bucket');
  try {
    const client = new S3Client(s3, wallClock);
    const name = `qgjob-doctor-${randomUUID()}.txt`;
    try {
      await checkBucket(client, name);
    } finally {
      await deleteObjects(client, [name]);
    }
    return ok(
      'files',
      `logs, artifacts, bundles and builds are in the bucket ${s3.bucket} at ${s3.endpoint}`,
    );
  } catch (error) {
    return problem(
      'files',
      (error as Error).message,
      'correct the settings QGJOB_S3_*, or the rights of the key',
    );
  }
}
