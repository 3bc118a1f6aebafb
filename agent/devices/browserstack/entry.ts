import * as z from 'zod';
import { Name, Target } from '../../../protocol/shapes/common.ts';
import { isOfKind } from '../../../protocol/targets.ts';

const text = z.string().min(1).max(100);

/** Devices of the driver `browserstack` in the settings: so many sessions, all with the same phone or browser. */
export const StackEntry = z
  .strictObject({
    driver: z
      .literal('browserstack')
      .describe('`browserstack`: phones of BrowserStack App Automate, or desktop browsers of its Automate'),
    target: Target.refine((target) => isOfKind('browserstack', target), {
      error: 'the driver browserstack offers browserstack or a pool of it, like browserstack/pixel-8',
    }),
    parallel: z
      .int()
      .min(1)
      .max(100)
      .default(1)
      .describe('How many tests run there at once; each needs a parallel session of the plan'),
    reserve: z
      .int()
      .min(0)
      .max(100)
      .default(0)
      .describe('Parallel sessions of the plan that are left to others: one for each further agent, say'),
    name: Name.optional().describe('Default: made from its target; of several, each has a number after it'),
    device: text.optional().describe('The phone, as BrowserStack names it: `Google Pixel 8`'),
    os: text.optional().describe('Of a desktop browser: `Windows`, `OS X`'),
    os_version: text.describe('`14.0` of a phone, `11` or `Sonoma` of a desktop'),
    browser: text
      .optional()
      .describe('The browser: `chrome`. With it the tests run on Automate, else on App Automate'),
    browser_version: text.optional().describe('Default: what BrowserStack takes'),
    clean: z
      .boolean()
      .default(false)
      .describe(
        'Whether each session gets a fresh phone; else BrowserStack is asked to keep the phone for the next one',
      ),
    idle_timeout: z
      .int()
      .min(10)
      .max(300)
      .default(60)
      .describe('Seconds without a command after which BrowserStack ends a session'),
    project: text.default('qgjob').describe('The project under which BrowserStack lists the builds'),
  })
  .refine(({ device, browser }) => device !== undefined || browser !== undefined, {
    error: 'name a device, or a browser with its os',
    path: ['device'],
  })
  .refine(({ device, os }) => device !== undefined || os !== undefined, {
    error: 'a desktop browser needs an os, like Windows',
    path: ['os'],
  });
export type StackEntry = z.output<typeof StackEntry>;
