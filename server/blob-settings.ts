import { join, resolve } from 'node:path';
import * as z from 'zod';
import { QgjobError } from '../protocol/errors.ts';
import type { BlobPlace } from './blobs/open-blobs.ts';

/** Settings of where logs, artifacts, bundles and apps are kept. */
export const blobSettings = {
  blob_dir: z
    .string()
    .optional()
    .describe(
      'Folder of logs, artifacts, bundles and apps; one that is named may be shared by several servers. Without it, `blobs` in the data folder',
    ),
  s3_endpoint: z
    .string()
    .transform((text) => text.replace(/\/+$/, ''))
    .refine(
      isEndpoint,
      'give the address of an S3 endpoint, without a bucket: https://s3.eu-west-1.amazonaws.com',
    )
    .optional()
    .describe('S3 endpoint where they are kept instead: `https://s3.eu-west-1.amazonaws.com`'),
  s3_region: z
    .string()
    .regex(/^[a-z0-9-]{1,50}$/, 'give the name of a region, like eu-west-1')
    .optional()
    .describe('Its region; without it, the one that the endpoint names, else us-east-1'),
  s3_bucket: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$/, 'give the name of a bucket, 3 to 63 letters, digits, . and -')
    .refine((name) => !name.includes('..'), 'give the name of a bucket')
    .optional()
    .describe('Its bucket, which nothing else uses'),
  s3_prefix: z
    .string()
    .transform((text) => text.replace(/^\/+|\/+$/g, ''))
    .refine(
      (text) => text === '' || /^\w[\w.-]*(?:\/\w[\w.-]*)*$/.test(text),
      'give a name like qgjob or team/qgjob',
    )
    .optional()
    .describe(
      'What the names of all objects begin with, where several servers with databases of their own share a bucket',
    ),
  s3_access_key_id: z.string().optional().describe('Its access key'),
  s3_secret_access_key: z.string().optional().describe('The secret of that key'),
} as const;

export type BlobConfig = { readonly [N in keyof typeof blobSettings]?: z.output<(typeof blobSettings)[N]> };

function isEndpoint(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === text;
}

const needed = ['s3_endpoint', 's3_bucket', 's3_access_key_id', 's3_secret_access_key'] as const;

/** Errors: `invalid` where some settings of S3 are missing, or a folder is named too. */
export function checkBlobSettings(config: BlobConfig): void {
  const given = Object.keys(blobSettings).filter(
    (name) => name.startsWith('s3_') && config[name as keyof BlobConfig] !== undefined,
  );
  const missing = needed.filter((name) => config[name] === undefined);
  const [first] = given;
  if (first === undefined) return;
  if (missing.length > 0) {
    const [names, set] = [missing.map(variable).join(', '), variable(first)];
    throw new QgjobError(
      'invalid',
      `${names}: not set, but ${set} is; S3 needs ${needed.map(variable).join(', ')}`,
    );
  }
  if (config.blob_dir !== undefined)
    throw new QgjobError(
      'invalid',
      `QGJOB_BLOB_DIR: leave it out, ${variable(first)} says that S3 keeps these files`,
    );
}

const variable = (name: string): string => `QGJOB_${name.toUpperCase()}`;

/** Whether other servers with the same settings find the same logs and artifacts. */
export const isShared = ({ blob_dir: folder, s3_bucket: bucket }: BlobConfig): boolean =>
  folder !== undefined || bucket !== undefined;

/** Where the files of a server are. */
export function blobPlaceOf(config: BlobConfig & { readonly data_dir: string }): BlobPlace {
  const { s3_endpoint: endpoint, s3_bucket: bucket, s3_prefix: prefix = '', blob_dir: folder } = config;
  const { s3_access_key_id: accessKeyId, s3_secret_access_key: secretAccessKey, s3_region: region } = config;
  // Absolute: Node tries for ever to make a relative path below a current folder that was deleted.
  const place = { folder: resolve(folder ?? join(config.data_dir, 'blobs')), isShared: folder !== undefined };
  if (!endpoint || !bucket || !accessKeyId || !secretAccessKey) return place;
  const names = { endpoint, region, bucket, prefix: prefix === '' ? '' : `${prefix}/` };
  return { ...place, s3: { ...names, accessKeyId, secretAccessKey } };
}
