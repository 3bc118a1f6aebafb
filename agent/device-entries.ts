import * as z from 'zod';
import { Name, Target } from '../protocol/shapes/common.ts';
import { AdbEntry } from './devices/adb/adb-entry.ts';
import { AvdEntry, AvdMember } from './devices/avd/avd-entry.ts';
import { BrowserEntry } from './devices/browser-entry.ts';
import { StackEntry } from './devices/browserstack/entry.ts';
import {
  DevicectlEntry,
  DevicectlMember,
  flawOfSimulator,
  SimctlEntry,
  SimctlMember,
} from './devices/ios/ios-entries.ts';

const SimulatedEntry = z.strictObject({
  driver: z.literal('simulated').describe('`simulated`: no phone at all, the tests run on this host'),
  target: Target,
  count: z.int().min(1).max(100).default(1).describe('How many such devices; each runs one test at a time'),
});

const SetEntry = z.strictObject({
  driver: z.literal('set').describe('`set`: several devices as one, for tests that need all of them at once'),
  target: Target,
  name: Name.optional().describe('Default: made from its target'),
  devices: z
    .array(
      z.discriminatedUnion('driver', [
        AdbEntry.omit({ target: true }),
        AvdMember,
        SimctlMember,
        DevicectlMember,
        z.strictObject({ driver: z.literal('simulated') }),
      ]),
    )
    .min(2, 'a set has at least two devices')
    .max(10)
    .describe('Its members, as above but without a target; they are offered by the set alone'),
});

/** One kind of entry for each driver. */
const all = [
  SimulatedEntry,
  AdbEntry,
  AvdEntry,
  SimctlEntry,
  DevicectlEntry,
  BrowserEntry,
  StackEntry,
  SetEntry,
] as const;

type Entry = z.output<(typeof all)[number]>;

type Single = Exclude<Entry, { driver: 'set' }> | z.output<typeof SetEntry>['devices'][number];

/** A phone that stands there twice would be busy for ever, and two emulators of one AVD must know of each other. */
function refuseFlaws(entries: readonly Entry[], context: z.RefinementCtx): void {
  const seen = new Set<string>();
  const single = entries.flatMap((one): readonly Single[] => (one.driver === 'set' ? one.devices : [one]));
  for (const entry of single) {
    const flaw = flawOfSimulator(entry);
    if (flaw !== undefined) context.addIssue({ code: 'custom', message: flaw });
    const thing = thingOf(entry);
    if (thing === undefined) continue;
    const hint = entry.driver === 'avd' ? ': `count` gives several emulators of it' : '';
    if (seen.has(thing)) context.addIssue({ code: 'custom', message: `${thing} is named twice${hint}` });
    seen.add(thing);
  }
}

/** What the host has once. */
function thingOf(entry: Single): string | undefined {
  if (entry.driver === 'adb') return entry.serial;
  if (entry.driver === 'simctl' || entry.driver === 'devicectl') return entry.udid;
  return entry.driver === 'avd' ? entry.avd : undefined;
}

/** `devices` of the settings. */
export const DeviceEntries = z
  .array(
    z.discriminatedUnion('driver', all, {
      error: ({ code }) =>
        code === 'invalid_union'
          ? 'unknown driver; this version drives simulated, adb, avd, simctl, devicectl, browser, browserstack and set'
          : undefined,
    }),
  )
  .min(1, 'name at least one device')
  .superRefine(refuseFlaws)
  .default(
    ['emulator', 'device', 'browserstack', 'browser'].map((target) => ({
      driver: 'simulated' as const,
      target,
      count: 2,
    })),
  );
