import * as z from 'zod';

/** How much an org may have at a time; null: no limit. */
export const Quotas = z.strictObject({
  queued_jobs: z
    .int()
    .min(0)
    .max(100_000_000)
    .nullable()
    .describe('Jobs that wait, queued or until an instant'),
  storage_bytes: z
    .int()
    .min(0)
    .nullable()
    .describe('Bytes of artifacts, bundles and builds, with the uploads that are under way'),
  agents: z.int().min(0).max(1_000_000).nullable().describe('Agents online'),
  devices: z.int().min(0).max(1_000_000).nullable().describe('Devices of its agents online'),
});
export type Quotas = z.infer<typeof Quotas>;

/** Of an org for which the operator has set nothing else. */
export const defaultQuotas: Quotas = {
  queued_jobs: 100_000,
  storage_bytes: null,
  agents: 2000,
  devices: 20_000,
};
