import * as z from 'zod';
import { Name, Target } from '../../protocol/shapes/common.ts';
import { isOfKind } from '../../protocol/targets.ts';

/** A device of the driver `browser` in the settings. */
export const BrowserEntry = z.strictObject({
  driver: z
    .literal('browser')
    .describe('`browser`: a browser on this host, which the tests start themselves'),
  target: Target.refine((target) => isOfKind('browser', target), {
    error: 'the driver browser offers browser or a pool of it, like browser/firefox',
  }),
  count: z.int().min(1).max(100).default(1).describe('How many such devices; each runs one test at a time'),
  name: Name.optional().describe('Default: made from its target; of several, each has a number after it'),
});
export type BrowserEntry = z.output<typeof BrowserEntry>;
