import { existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { describeServers } from '../../serve-once/describe-servers.ts';
import type { OutsideFile } from '../request.ts';

const extensions = ['.ts', '.js', '.mts', '.mjs', '.cts', '.cjs'];

/** The suite's own configuration: the nearest one from the test's folder up to `root`. Undefined when there is none. */
export function findConfig(root: string, testPath: string, name: string): string | undefined {
  for (let folder = dirname(join(root, testPath)); ; folder = dirname(folder)) {
    const found = extensions.map((extension) => join(folder, `${name}${extension}`)).find(existsSync);
    if (found !== undefined || folder === root || folder === dirname(folder)) return found;
  }
}

/** What the reporter and the worker's hook are told: see reporter.cjs. Paths are absolute. */
export interface Channel {
  readonly nonce: string;
  readonly control: string;
  readonly worker: string;
  readonly only: Readonly<Record<string, readonly string[]>>;
  /** Undefined: no blob report is left. See blobs.cjs. */
  readonly blobs?: BlobChannel | undefined;
}

interface BlobChannel {
  readonly prefix: string;
  readonly files: readonly string[];
  readonly artifacts: string;
  readonly root: string;
}

export interface GeneratedConfig {
  /** A UUID, part of the file's name: two processes of one suite may run at once on one host. */
  readonly id: string;
  /** Our reporter, and what runs in each worker. Absolute. */
  readonly reporter: string;
  readonly worker: string;
  readonly channel: Channel;
  /** Web servers that are up: a configuration that has the same does not start them again. */
  readonly servers?: string | undefined;
  /** What the suite's tests import `test` from. */
  readonly testModule?: string | undefined;
  /** More statements, which change `own`. */
  readonly adapt?: string | undefined;
}

/** True for the name of a file that `generateConfig` makes. */
export const isGeneratedConfig = (name: string): boolean =>
  /^\.qgjob\.[0-9a-f-]{36}\.config\.[cm]?[jt]s$/.test(name);

/**
 * A configuration beside the suite's own (so that relative paths mean the same), which contains that one and adds our
 * reporter. It has the same extension, so that Playwright loads both in the same way.
 */
export function generateConfig(
  folder: string,
  own: string | undefined,
  generated: GeneratedConfig,
): OutsideFile {
  return {
    path: join(folder, `.qgjob.${generated.id}.config${own === undefined ? '.mjs' : extname(own)}`),
    text: configText(own === undefined ? undefined : basename(own), generated),
  };
}

// A function is refused: spread into an object it would be an empty configuration, and other tests would run.
const configText = (
  own: string | undefined,
  { reporter, worker, channel, servers, testModule = '@playwright/test', adapt = '' }: GeneratedConfig,
): string =>
  `// Written by the qgjob agent for one process, and removed after it.
import * as runner from ${JSON.stringify(testModule)};
import obeyInWorker from ${JSON.stringify(worker)};
${own === undefined ? 'const loaded = {};' : `import * as loaded from ${JSON.stringify(`./${own}`)};`}
const unwrap = (value) => (value && typeof value === 'object' && 'default' in value ? unwrap(value.default) : value);
const own = unwrap(loaded);
if (typeof own !== 'object' || own === null || Array.isArray(own)) {
  throw new Error(${JSON.stringify(`${own}: the configuration must export a single object`)});
}
const { test } = runner.test ? runner : runner.default;
const channel = ${JSON.stringify(channel)};
${servers === undefined ? '' : describeServers}
obeyInWorker(test, channel);
${adapt}
// Ours prints what these print, for each file as it ends; theirs would show the failures of all files at the end.
const isPrinter = ([name]) => ['list', 'line', 'dot', 'github', 'null'].includes(name);
// A blob report of theirs would be left in the source, of one process alone.
const isOurs = ([name]) => ${channel.blobs !== undefined} && name === 'blob';
const reporters = typeof own.reporter === 'string' ? [[own.reporter]] : (own.reporter ?? []);
export default {
  ...own,
  workers: 1,
  retries: 0,
  // A shard of these files leaves tests of them out, and nobody runs them.
  shard: null,
  // One file's failures or time must not end the others.
  maxFailures: 0,
  globalTimeout: 0,
  ${servers === undefined ? '' : `webServer: describeServers(own.webServer) === ${JSON.stringify(servers)} ? undefined : own.webServer,`}
  reporter: [[${JSON.stringify(reporter)}, channel], ...reporters.filter((one) => !isPrinter(one) && !isOurs(one))],
};
`;
