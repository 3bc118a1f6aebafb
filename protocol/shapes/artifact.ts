import * as z from 'zod';
import { isPlainName } from '../clean-text.ts';
import { limits } from '../limits.ts';
import { artifactKinds } from '../states.ts';
import { NextCursor, Page, queryInt, Sha256 } from './common.ts';

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

const deviceOfWindows = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** Some file systems drop a dot or a space at the end, so such a part may name something else, like `..`. */
const isPlainPart = (part: string): boolean => part !== '' && !/[. ]$/.test(part);

/**
 * The name of an artifact: a relative path with `/`, at most 255 bytes, that leads out of no folder on any system,
 * since people download artifacts under these names. The server stores the bytes under a key of its own.
 */
export const ArtifactName = z
  .string()
  .min(1, 'must not be empty')
  .refine(
    (name) => bytesOf(name) <= limits.artifactNameBytes,
    `has at most ${limits.artifactNameBytes} bytes`,
  )
  .refine(isPlainName, 'must not hold control characters or what turns the direction of writing')
  .refine(
    (name) => !name.includes('\\') && !/^[A-Za-z]:/.test(name) && name.split('/').every(isPlainPart),
    'must be a relative path with / between folders, without .., \\ and empty parts, no part ending in a dot or a space',
  )
  .refine(
    (name) => !name.split('/').some((part) => deviceOfWindows.test(part)),
    'must not hold a name that Windows keeps for devices, like con or nul',
  );

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
