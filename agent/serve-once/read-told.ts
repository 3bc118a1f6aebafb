import * as z from 'zod';

const Declared = z.object({
  event: z.literal('declared'),
  text: z.string(),
  servers: z.array(
    z.object({
      url: z.string().optional(),
      port: z.number().optional(),
      reuseExistingServer: z.boolean().optional(),
    }),
  ),
});
const Served = z.object({ event: z.literal('served'), env: z.record(z.string(), z.string()) });
const Told = z.union([Declared, Served]);

/** What a holder of web servers tells. Undefined: nothing that this version knows. */
export const readTold = (json: string): z.infer<typeof Told> | undefined => Told.safeParse(parse(json)).data;

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
