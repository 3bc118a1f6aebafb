import * as z from 'zod';
import { OrgId, Sha256 } from './common.ts';

export const Bundle = z.object({ sha256: Sha256, size: z.int().min(0) });
export type Bundle = z.infer<typeof Bundle>;

export const BundleQuery = z.strictObject({
  org_id: OrgId.optional().describe('Required with the operator token; otherwise the token says it'),
});
