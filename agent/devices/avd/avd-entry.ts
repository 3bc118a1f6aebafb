import * as z from 'zod';
import { Name, Target } from '../../../protocol/shapes/common.ts';
import { androidEvidence } from '../adb/adb-entry.ts';

/** What is said of one emulator, wherever it is used. */
const emulator = {
  driver: z.literal('avd').describe('`avd`: an Android emulator, which the agent starts and ends'),
  avd: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,128}$/, 'must be the name of an AVD as `emulator -list-avds` shows it')
    .describe('The AVD that it runs, as `emulator -list-avds` shows it'),
  name: Name.optional().describe('Default: the name of the AVD; of several, each has a number after it'),
  headless: z.boolean().default(true).describe('Whether it has no window'),
  wipe_data: z.boolean().default(false).describe('Whether each start begins with an empty phone'),
  cold_boot: z
    .boolean()
    .default(false)
    .describe('Whether a snapshot of the AVD is left alone; otherwise it starts from it. None is ever saved'),
  accel: z
    .boolean()
    .default(true)
    .describe('Whether it runs by the virtualization of the host (KVM on Linux); without it is very slow'),
  boot_timeout: z
    .int()
    .min(10)
    .max(3600)
    .default(180)
    .describe('Seconds for a boot; one that takes longer is begun anew'),
  port: z
    .int()
    .min(5554)
    .max(5680)
    .multipleOf(2)
    .default(5554)
    .describe('The first console port that it may have, even; the next ones are tried where it is taken'),
  min_free_mb: z.int().min(0).default(500).describe('MiB free in `/data`; with less it is given no tests'),
  ...androidEvidence,
};

/** Devices of the driver `avd` in the settings. */
export const AvdEntry = z.strictObject({
  ...emulator,
  target: Target,
  count: z
    .int()
    .min(1)
    .max(16)
    .default(1)
    .describe('How many emulators of it; several share the AVD, and what they write is gone with them'),
});
export type AvdEntry = z.output<typeof AvdEntry>;

/** One emulator as a member of a set. */
export const AvdMember = z.strictObject(emulator);
