import * as z from 'zod';
import { limits } from '../limits.ts';

export const HuntTimes = z
  .int()
  .min(1)
  .max(limits.huntTimes)
  .describe(
    'A hunt: its one test is executed so often, on devices that have nothing else to do, without retries of failures',
  );

/** What a hunt has seen so far; errors of device and host are no observations. */
export const Hunt = z.object({
  times: z.int().describe('How often its test is to be executed, on each target'),
  observed: z.int().describe('Executions that passed or failed'),
  failed: z.int(),
  low: z
    .number()
    .nullable()
    .describe('The share that fails is above this at 95 %; null: nothing is observed yet'),
  high: z.number().nullable().describe('And below this (Clopper and Pearson)'),
  quarantine_id: z
    .string()
    .nullable()
    .default(null)
    .describe('Of a hunt that the server began by itself: the quarantine whose test it hunts'),
});
export type Hunt = z.infer<typeof Hunt>;

/** What says how a run of a branch or a pull request counts: a hunt is neither. */
const notInHunts = [
  'github',
  'branch',
  'base',
  'fail_on',
  'supersede',
  'comment',
  'delay_ms',
  'priority',
] as const;

export const isPlainHunt = (body: Readonly<Record<string, unknown>>): boolean =>
  body.hunt_times === undefined || notInHunts.every((name) => body[name] === undefined);
export const whyNotPlain = {
  path: ['hunt_times'],
  message: `a hunt has no ${notInHunts.slice(0, -1).join(', ')} or ${notInHunts.at(-1)}`,
};
