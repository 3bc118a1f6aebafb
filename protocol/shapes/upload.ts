import * as z from 'zod';
import { limits } from '../limits.ts';
import { Instant, Sha256 } from './common.ts';

/** Of the type `addressType`. Where the bytes of a file can be fetched for some time, without a token; a redirect there is not followed. */
export const FileAddress = z.object({
  url: z.string().max(8192),
  expires_at: Instant,
  size: z.int().min(0),
  sha256: Sha256,
});
export type FileAddress = z.infer<typeof FileAddress>;

const Size = z.int().min(0).max(limits.appBytes).describe('Bytes');

/** What is about to be uploaded; the hash of a bundle is in its path. */
export const BundleFacts = z.strictObject({ size: Size });
export const AppFacts = z.strictObject({ size: Size, sha256: Sha256 });
export const ArtifactFacts = z.strictObject({
  attempt: z.int().min(1).max(1000),
  size: Size,
  sha256: Sha256,
});
export const UploadedArtifact = z.strictObject({
  ...ArtifactFacts.shape,
  artifact_id: z.string().regex(/^art_[0-9a-f]{32}$/, 'use the artifact_id of the plan, as it is'),
});

export const uploadWays = ['address', 'server', 'nothing'] as const;

/** How a file is to be uploaded. All but `send` is of the way `address`. */
export const UploadPlan = z.object({
  send: z
    .enum(uploadWays)
    .describe(
      'address: to the url, then say that it is there; server: through the server; nothing: it is there',
    ),
  url: z.string().max(8192).nullable(),
  method: z.enum(['PUT']).nullable(),
  headers: z.record(z.string(), z.string()).nullable().describe('Are signed: send them as they are'),
  expires_at: Instant.nullable().describe('The upload must have begun by then'),
  artifact_id: z.string().nullable().describe('Of an artifact alone'),
});
export type UploadPlan = z.infer<typeof UploadPlan>;
