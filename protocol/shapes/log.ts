import * as z from 'zod';
import { queryInt } from './common.ts';

export const LogAppendQuery = z.strictObject({
  attempt: queryInt(1, 1000),
  offset: queryInt(0, Number.MAX_SAFE_INTEGER),
});
export type LogAppendQuery = z.infer<typeof LogAppendQuery>;

/** How many bytes of the attempt's log the server has. */
export const LogSize = z.object({ size: z.int() });
export type LogSize = z.infer<typeof LogSize>;
