import * as z from 'zod';
import { Name, Target } from '../protocol/shapes/common.ts';
import { isOfKind } from '../protocol/targets.ts';
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

/** What some frameworks can run on, and others not. */
const sorts = {
  adb: 'phones',
  avd: 'phones',
  simctl: 'phones',
  devicectl: 'phones',
  simulated: 'simulated devices',
  set: 'sets',
  browser: 'browsers',
} as const satisfies Record<Exclude<Entry['driver'], 'browserstack'>, string>;

function sortOf(entry: Entry): string {
  if (entry.driver !== 'browserstack') return sorts[entry.driver];
  return entry.browser === undefined ? 'phones at BrowserStack' : 'desktop browsers at BrowserStack';
}

/**
 * A job gets whichever device of its target is free: its framework must run on each. BrowserStack's and the host's browsers
 * have kinds of their own, so that no other agent mixes them either.
 */
function refuseMixes(entries: readonly Entry[], context: z.RefinementCtx): void {
  for (const [index, entry] of entries.entries()) {
    const { driver, target } = entry;
    const isElsewhere = isOfKind('browserstack', target) || isOfKind('browser', target);
    if (!isElsewhere || sortOf(entry) !== 'phones') continue;
    const message = `the driver ${driver} offers emulator, device or a pool of one, like device/pixel-8`;
    context.addIssue({ code: 'custom', path: [index, 'target'], message });
  }
  for (const [target, some] of Map.groupBy(entries, (entry) => entry.target)) {
    const sorts = [...new Set(some.map(sortOf))];
    if (sorts.length < 2) continue;
    const message = `the target ${target} is offered by ${sorts.join(' and ')}: a job would get whichever is free, and not every framework runs on each; give each a target of its own, like ${target.split('/', 1)[0]}/another`;
    context.addIssue({ code: 'custom', message });
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
  .superRefine(refuseMixes)
  .default(
    ['emulator', 'device', 'browserstack', 'browser'].map((target) => ({
      driver: 'simulated' as const,
      target,
      count: 2,
    })),
  );
