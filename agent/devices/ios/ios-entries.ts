import * as z from 'zod';
import { Name, Target } from '../../../protocol/shapes/common.ts';

const udid = z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'must be a UDID as Xcode shows it');
/** A word of simctl, never an option of it. */
const simctlWord = z.string().regex(/^[A-Za-z0-9][\w .()-]{0,127}$/, 'must be a name as simctl shows it');

const simulator = {
  driver: z.literal('simctl').describe('`simctl`: an iOS simulator on this Mac'),
  udid: udid
    .optional()
    .describe('A simulator that is there; it stays. Default: one is made, and deleted at the end'),
  device_type: simctlWord
    .optional()
    .describe('Of the simulator that is made, as `xcrun simctl list devicetypes` shows it, like `iPhone 16`'),
  runtime: simctlWord
    .optional()
    .describe('Of the simulator that is made, as `xcrun simctl list runtimes` shows it. Default: the newest'),
  name: Name.optional().describe('Default: made from the type of the device, or its UDID'),
  grant: z
    .array(z.string().regex(/^[a-z-]{1,40}$/))
    .default([])
    .describe('What the app may use without a question after its install, like `photos` or `location`'),
  boot_timeout: z.int().min(10).max(3600).default(240).describe('Seconds for a boot'),
  log: z.boolean().default(true).describe('Whether the log of the simulator is kept of each attempt'),
  video: z
    .enum(['off', 'on', 'failed'])
    .default('failed')
    .describe('Of which attempts the screen is kept as a video: none, all, or those that did not pass'),
};

/** A device of the driver `simctl` in the settings. */
export const SimctlEntry = z.strictObject({ ...simulator, target: Target });
export type SimctlEntry = z.output<typeof SimctlEntry>;

/** One simulator as a member of a set. */
export const SimctlMember = z.strictObject(simulator);

/** A device of the driver `devicectl` in the settings. */
export const DevicectlEntry = z.strictObject({
  driver: z.literal('devicectl').describe('`devicectl`: an iPhone or iPad that is connected to this Mac'),
  target: Target,
  udid: udid.describe('As `xcrun devicectl list devices` or Xcode shows it'),
  name: Name.optional().describe('Default: its UDID'),
});
export type DevicectlEntry = z.output<typeof DevicectlEntry>;

export const DevicectlMember = DevicectlEntry.omit({ target: true });

interface Loose {
  readonly driver: string;
  readonly udid?: string | undefined;
  readonly device_type?: string | undefined;
}

/** What is missing to know which simulator is meant; undefined: nothing. */
export const flawOfSimulator = ({ driver, udid, device_type }: Loose): string | undefined =>
  driver === 'simctl' && (udid === undefined) === (device_type === undefined)
    ? 'a simulator has either a `udid`, where it is there, or a `device_type`, of which one is made'
    : undefined;
