import * as z from 'zod';
import type { Xcrun } from './xcrun.ts';

const Listed = z.object({
  devices: z.record(
    z.string(),
    z.array(
      z.object({
        udid: z.string(),
        name: z.string(),
        state: z.string(),
        isAvailable: z.boolean().optional(),
      }),
    ),
  ),
});

/** A simulator as simctl lists it. */
export interface ListedSimulator {
  readonly udid: string;
  readonly name: string;
  /** `Booted`, `Shutdown`, `Booting`… */
  readonly state: string;
  readonly isAvailable: boolean;
  /** Like `18.0`. */
  readonly osVersion: string | undefined;
}

const listMs = 30_000;

/** All simulators of this Mac. Throws, with words, where simctl does not say. */
export async function listSimulators(xcrun: Xcrun): Promise<ListedSimulator[]> {
  const text = await xcrun.must(['simctl', 'list', 'devices', '-j'], { timeoutMs: listMs });
  const { devices } = Listed.parse(JSON.parse(text));
  return Object.entries(devices).flatMap(([runtime, some]) =>
    some.map(({ udid, name, state, isAvailable = true }) => {
      const [, version] = /\.SimRuntime\.\w+?-([\d-]+)$/.exec(runtime) ?? [];
      return { udid, name, state, isAvailable, osVersion: version?.replaceAll('-', '.') };
    }),
  );
}
