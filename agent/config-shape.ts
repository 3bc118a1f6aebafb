import { isAbsolute } from 'node:path';
import * as z from 'zod';
import { Name } from '../protocol/shapes/common.ts';
import { DeviceEntries } from './device-entries.ts';
import { Argv, FrameworkEntries, path, word } from './framework-entries.ts';
import { isolations } from './isolation/isolation.ts';

/** `qgjob.agent.json`. */
export const AgentFile = z.strictObject({
  $schema: z.string().optional().describe('For editors: where the JSON Schema of this file lies'),
  name: Name.optional().describe('Default: the name of the host'),
  sources: z
    .strictObject({
      workspace: path.default('.').describe('The folder with the tests; relative to this file'),
      bundle: z
        .boolean()
        .default(true)
        .describe('Whether runs may bring their own code, which then runs on this host'),
      git: z
        .strictObject({
          allow: z
            .array(z.string().min(1))
            .default([])
            .describe(
              'Repositories whose commits runs may name, like `https://github.com/acme/*`; `*` is a part of one name, `**` any path',
            ),
        })
        .default({ allow: [] }),
    })
    .default({ workspace: '.', bundle: true, git: { allow: [] } }),
  dirty: z
    .boolean()
    .default(false)
    .describe(
      'Whether the workspace may have changes that are not committed, though a run asks for a commit',
    ),
  setup: z
    .array(word)
    .optional()
    .describe(
      'Program and words that make a bundle ready, in the folder of its lock file, for each lease; `[]`: none. Default: by the lock file, like `npm ci`',
    ),
  devices: DeviceEntries,
  frameworks: FrameworkEntries.prefault({}),
  isolation: z
    .enum(isolations)
    .default('none')
    .describe(
      'What keeps tests away from the agent and from each other: `none`, `user`, `namespace`, `container`',
    ),
  isolation_user: z
    .string()
    .regex(/^[^\s:-][^\s:]*$/, 'must be the name of a user of this host')
    .optional()
    .describe(
      'The user that tests run as, where root runs the agent; with `namespace` and `container` `nobody` by default',
    ),
  isolation_visible: z
    .array(path.refine(isAbsolute, 'must be an absolute path'))
    .default([])
    .describe(
      'With `namespace`: what tests see of the host all the same, in folders that are hidden from them; with `container`: what they may read of the host',
    ),
  isolation_image: z
    .string()
    .regex(/^[\w][\w./:@-]*$/, 'must be the name of an image')
    .optional()
    .describe('With `container`: the image that tests run in'),
  isolation_engine: z.enum(['docker', 'podman']).default('docker').describe('With `container`: what runs it'),
  network: z
    .enum(['host', 'own'])
    .default('host')
    .describe(
      'The network of tests: that of the `host`, or for each source one of its `own`, with loopback alone and no way out',
    ),
  hooks: z
    .strictObject({
      before_lease: Argv.optional().describe(
        'Program and words that run before the set-up and the install of each lease; where it fails the first job is tried again elsewhere',
      ),
      after_lease: Argv.optional().describe(
        'Program and words that run after the last test of each lease; where it fails that is said',
      ),
    })
    .default({})
    .describe("Programs of this host, run as the agent itself in this file's folder"),
  health_port: z
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe('A port of 127.0.0.1 for `/health/live` and `/health/ready`; `0`: a free one. Default: none'),
  env: z.array(z.string().min(1)).default([]).describe('Names of variables of this host that tests may see'),
  redact: z
    .array(z.string().min(6, 'a value under 6 characters cannot be masked'))
    .default([])
    .describe('Kept out of logs and reports: literals of 6 characters or more, or `$NAME` of a variable'),
});
export type AgentFile = z.output<typeof AgentFile>;
export type DeviceEntry = AgentFile['devices'][number];
export type FrameworkSettings = AgentFile['frameworks'];
