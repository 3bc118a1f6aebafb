import * as z from 'zod';
import { Name, Target } from '../../../protocol/shapes/common.ts';

/** What the agent keeps of the attempts on an Android phone or emulator. */
export const androidEvidence = {
  logcat: z.boolean().default(true).describe('Whether the log of the phone is kept of each attempt'),
  video: z
    .enum(['off', 'on', 'failed'])
    .default('failed')
    .describe('Of which attempts the screen is kept as a video: none, all, or those that did not pass'),
};

/** A device of the driver `adb` in the settings. */
export const AdbEntry = z.strictObject({
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
  ...androidEvidence,
});
export type AdbEntry = z.output<typeof AdbEntry>;
