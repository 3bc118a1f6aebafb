import * as z from 'zod';
import { Name, Target } from '../protocol/shapes/common.ts';
import { BrowserEntry } from './devices/browser-entry.ts';

const SimulatedEntry = z.strictObject({
  driver: z.literal('simulated').describe('`simulated`: no phone at all, the tests run on this host'),
  target: Target,
  count: z.int().min(1).max(100).default(1).describe('How many such devices; each runs one test at a time'),
});

const AdbEntry = z.strictObject({
  driver: z.literal('adb').describe('`adb`: an Android phone, or an emulator that runs already'),
  target: Target,
  serial: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/, 'must be a serial as `adb devices` shows it')
    .describe('Its serial, as `adb devices` shows it'),
  name: Name.optional().describe('Default: its serial'),
  min_battery: z.int().min(0).max(100).default(15).describe('Percent; with less it is given no tests'),
  min_free_mb: z.int().min(0).default(500).describe('MiB free in `/data`; with less it is given no tests'),
  max_temperature: z.number().default(48).describe('°C of its battery; above it is given no tests'),
  logcat: z.boolean().default(true).describe('Whether the log of the phone is kept of each attempt'),
  video: z
    .enum(['off', 'on', 'failed'])
    .default('failed')
    .describe('Of which attempts the screen is kept as a video: none, all, or those that did not pass'),
});

const SetEntry = z.strictObject({
  driver: z.literal('set').describe('`set`: several devices as one, for tests that need all of them at once'),
  target: Target,
  name: Name.optional().describe('Default: made from its target'),
  devices: z
    .array(
      z.discriminatedUnion('driver', [
        AdbEntry.omit({ target: true }),
        z.strictObject({ driver: z.literal('simulated') }),
      ]),
    )
    .min(2, 'a set has at least two devices')
    .max(10)
    .describe('Its members, as above but without a target; they are offered by the set alone'),
});

type Entry = z.output<typeof SimulatedEntry | typeof AdbEntry | typeof BrowserEntry | typeof SetEntry>;

type Single = Exclude<Entry, { driver: 'set' }> | z.output<typeof SetEntry>['devices'][number];

/** A phone that stands there twice would be busy for ever. */
function refuseTwice(entries: readonly Entry[], context: z.RefinementCtx): void {
  const seen = new Set<string>();
  const single = entries.flatMap((one): readonly Single[] => (one.driver === 'set' ? one.devices : [one]));
  for (const entry of single) {
    if (entry.driver !== 'adb') continue;
    if (seen.has(entry.serial))
      context.addIssue({ code: 'custom', message: `${entry.serial} is named twice` });
    seen.add(entry.serial);
  }
}

/** `devices` of the settings. */
export const DeviceEntries = z
  .array(
    z.discriminatedUnion('driver', [SimulatedEntry, AdbEntry, BrowserEntry, SetEntry], {
      error: ({ code }) =>
        code === 'invalid_union'
          ? 'unknown driver; this version drives simulated, adb, browser and set'
          : undefined,
    }),
  )
  .min(1, 'name at least one device')
  .superRefine(refuseTwice)
  .default(
    ['emulator', 'device', 'browserstack', 'browser'].map((target) => ({
      driver: 'simulated' as const,
      target,
      count: 2,
    })),
  );
