import * as z from 'zod';

export const BackupQuery = z.strictObject({
  files: z
    .enum(['true', 'false'])
    .optional()
    .describe('false: the database alone, without logs, artifacts, bundles and builds of apps'),
});
