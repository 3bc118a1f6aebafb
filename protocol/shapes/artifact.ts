import * as z from 'zod';
import { flawOfArtifactName } from '../artifact-names.ts';
import { artifactKinds } from '../states.ts';
import { NextCursor, Page, queryInt, Sha256 } from './common.ts';

/** The name of an artifact, as `flawOfArtifactName` says. */
export const ArtifactName = z
  .string()
  .min(1, 'must not be empty')
  .superRefine((name, context) => {
    const flaw = flawOfArtifactName(name);
    if (flaw !== undefined) context.addIssue({ code: 'custom', message: flaw });
  });

export const ArtifactUploadQuery = z.strictObject({
  attempt: queryInt(1, 1000),
  sha256: Sha256.optional().describe('Of the bytes; checked when given'),
});

export const Artifact = z.object({
  artifact_id: z.string(),
  job_id: z.string(),
  attempt: z.int(),
  name: z.string(),
  kind: z.enum(artifactKinds),
  content_type: z.string(),
  size: z.int(),
  sha256: z.string(),
  url: z.string(),
});
export type Artifact = z.infer<typeof Artifact>;

export const ArtifactPageQuery = z.strictObject({ limit: Page.limit, cursor: Page.cursor });
export type ArtifactPageQuery = z.infer<typeof ArtifactPageQuery>;
export const ArtifactList = z.object({ artifacts: z.array(Artifact), next_cursor: NextCursor });
export type ArtifactList = z.infer<typeof ArtifactList>;
