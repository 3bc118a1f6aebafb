import * as z from 'zod';
import { isAllowable } from './outbound/allowed-addresses.ts';

/** Settings of the calls that the server makes itself. */
export const outboundSettings = {
  webhook_allow: z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter(Boolean))
    .refine(
      (list) => list.every(isAllowable),
      'give addresses, ranges or names of hosts, comma-separated: 10.1.0.0/16, hooks.internal',
    )
    .optional()
    .describe(
      'Receivers of webhooks inside of your network, comma-separated: addresses, ranges like `10.1.0.0/16`, names of hosts; without it, public addresses alone, by https',
    ),
} as const;
