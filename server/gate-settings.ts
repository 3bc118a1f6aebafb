import * as z from 'zod';
import { parseRange } from './outbound/address-list.ts';
import { whole } from './setting-shapes.ts';

/** What one caller may take of the server. */
export const gateSettings = {
  max_connections: whole(16, 1_000_000)
    .optional()
    .describe(
      'Connections that may be open at a time; without it, what the limit on open files (`ulimit -n`) leaves, at most 20000',
    ),
  max_connections_per_address: whole(1, 1_000_000)
    .optional()
    .describe('Of these, from one address that is no declared proxy; without it, three of four'),
  max_calls_per_org: whole(1, 1_000_000)
    .optional()
    .describe(
      'Calls that an org may have open at a time: polls, streams, slow downloads; without it, half of the connections',
    ),
  max_requests_per_org: whole(0, 1_000_000)
    .default(500)
    .describe('Calls a second that an org may make, after ten seconds of saved ones; 0: no limit'),
  max_bad_tokens: whole(0, 1_000_000)
    .default(20)
    .describe(
      'Refused tokens that an address may send at once, then one a second; those that were good lately are taken all the same; 0: no limit',
    ),
  trusted_proxies: z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter(Boolean))
    .refine(
      (list) => list.every((one) => parseRange(one) !== undefined),
      'give addresses and ranges, comma-separated: 10.0.0.5, 10.1.0.0/16',
    )
    .optional()
    .describe(
      'Addresses of the proxies in front of the server, comma-separated, whose X-Forwarded-For it believes; without it, none',
    ),
} as const;
