import * as z from 'zod';
import { type CallOptions, call, type StackApi } from './call.ts';

const Builds = z.array(
  z.object({
    automation_build: z.object({
      name: z.string().nullish(),
      hashed_id: z.string().regex(/^[A-Za-z0-9_-]{1,100}$/),
    }),
  }),
);

/** `GET /builds.json`: the latest hundred. Errors: StackError. */
export async function listBuilds(
  api: StackApi,
  options: CallOptions = {},
): Promise<{ readonly id: string; readonly name: string }[]> {
  const builds = await call(api, '/builds.json?limit=100', Builds, options);
  return builds.map(({ automation_build: { hashed_id, name } }) => ({ id: hashed_id, name: name ?? '' }));
}
