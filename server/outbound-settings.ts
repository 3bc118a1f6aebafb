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
  otlp_endpoint: z
    .string()
    .refine(
      (text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''),
      'give an address like http://127.0.0.1:4318',
    )
    .optional()
    .describe('Collector that takes OpenTelemetry traces by OTLP/HTTP; without it, nothing is traced'),
  github_app_id: z
    .string()
    .regex(/^[A-Za-z0-9._]{1,100}$/, 'give the App ID or the client ID of a GitHub App')
    .optional()
    .describe('App ID or client ID of the GitHub App by which the server writes check runs and comments'),
  github_app_private_key: z
    .string()
    .optional()
    .describe('Its private key in PEM; line ends may be written as `\\n`'),
  github_app_private_key_file: z.string().optional().describe('File with that key, instead'),
  github_api_url: z
    .string()
    .transform((text) => text.replace(/\/+$/, ''))
    .refine(
      (text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''),
      'give an address like https://api.github.com',
    )
    .default('https://api.github.com')
    .describe("GitHub's API; of GitHub Enterprise Server `https://HOST/api/v3`"),
} as const;
