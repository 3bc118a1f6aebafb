import * as z from 'zod';
import { isPlainName } from '../clean-text.ts';
import { packageNamePattern } from '../ids.ts';
import { appPlatforms } from '../states.ts';
import { AppVersionId, Instant, NextCursor, OrgId, Page, Sha256 } from './common.ts';

const Platform = z.enum(appPlatforms);

const PackageName = z
  .string()
  .regex(packageNamePattern, 'must be a package name or bundle id, like com.example.shop');

const Url = z
  .string()
  .max(2000, 'has at most 2000 characters')
  .refine((text) => isPlainName(text) && URL.canParse(text), 'must be an address, like https://…');

/** What an app version is. Its file is uploaded by a call of its own. */
export const RegisterAppVersion = z.strictObject({
  platform: Platform,
  url: Url.optional().describe('Where the app is, for frameworks and clouds that fetch it themselves'),
  package_name: PackageName.optional(),
  sha256: Sha256.optional().describe('Of the file that is about to be uploaded'),
});
export type RegisterAppVersion = z.infer<typeof RegisterAppVersion>;

export const AppVersion = z.object({
  org_id: OrgId,
  app_version_id: AppVersionId,
  platform: Platform,
  url: z.string().nullable(),
  package_name: z.string().nullable(),
  sha256: z.string().nullable(),
  size: z.int().nullable().describe('Bytes of its file; null: the server does not have the file'),
  created_at: Instant,
});
export type AppVersion = z.infer<typeof AppVersion>;

export const AppVersionPageQuery = z.strictObject({
  limit: Page.limit,
  cursor: Page.cursor,
  org_id: OrgId.optional().describe('Required with the operator token; otherwise the token says it'),
});
export type AppVersionPageQuery = z.infer<typeof AppVersionPageQuery>;
export const AppVersionList = z.object({ app_versions: z.array(AppVersion), next_cursor: NextCursor });
export type AppVersionList = z.infer<typeof AppVersionList>;
