import { existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { OutsideFile } from './preset.ts';

const extensions = ['.ts', '.js', '.mts', '.mjs', '.cts', '.cjs'];

/** The suite's own configuration: the nearest one from the test's folder up to `root`. Undefined when there is none. */
export function findPlaywrightConfig(root: string, testPath: string): string | undefined {
  for (let folder = dirname(join(root, testPath)); ; folder = dirname(folder)) {
    const found = extensions
      .map((extension) => join(folder, `playwright.config${extension}`))
      .find(existsSync);
    if (found !== undefined || folder === root || folder === dirname(folder)) return found;
  }
}

export interface GeneratedConfig {
  /** A UUID, part of the file's name: two tests of one suite may run at once on one host. */
  readonly id: string;
  /** Where the two reports go. */
  readonly json: string;
  readonly junit: string;
}

/** True for the name of a file that `generateConfig` makes. */
export const isGeneratedConfig = (name: string): boolean =>
  /^\.qgjob\.[0-9a-f-]{36}\.config\.[cm]?[jt]s$/.test(name);

/**
 * A configuration beside the suite's own (so that relative paths mean the same), which contains that one and adds our
 * reports. It has the same extension, so that Playwright loads both in the same way.
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
const configText = (own: string | undefined, { json, junit }: GeneratedConfig): string =>
  `// Written by the qgjob agent for one attempt, and removed after it.
${own === undefined ? 'const loaded = {};' : `import * as loaded from ${JSON.stringify(`./${own}`)};`}
const unwrap = (value) => (value && typeof value === 'object' && 'default' in value ? unwrap(value.default) : value);
const own = unwrap(loaded);
if (typeof own !== 'object' || own === null || Array.isArray(own)) {
  throw new Error(${JSON.stringify(`${own}: the configuration must export a single object`)});
}
const reporter = typeof own.reporter === 'string' ? [[own.reporter]] : (own.reporter ?? [['list']]);
export default {
  ...own,
  workers: 1,
  retries: 0,
  // A shard of one file leaves tests of it out, and nobody runs them.
  shard: null,
  reporter: [
    ...reporter,
    ['json', { outputFile: ${JSON.stringify(json)} }],
    ['junit', { outputFile: ${JSON.stringify(junit)} }],
  ],
};
`;
