import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';

const extensions = ['.ts', '.js', '.mts', '.mjs', '.cts', '.cjs'];

/** The suite's own configuration: the nearest above the test, not above `root`. Undefined when there is none. */
export function findPlaywrightConfig(root: string, testPath: string): string | undefined {
  for (let folder = dirname(join(root, testPath)); ; folder = dirname(folder)) {
    const found = extensions
      .map((extension) => join(folder, `playwright.config${extension}`))
      .find(existsSync);
    if (found !== undefined || folder === root || folder === dirname(folder)) return found;
  }
}

export interface GeneratedConfig {
  readonly id: string;
  readonly json: string;
  readonly junit: string;
}

/**
 * Writes a configuration beside the suite's own (so that its relative paths mean the same), which takes it over and
 * adds our reports. It has the same extension, so that Playwright loads both in the same way. Answers its path.
 */
export async function writePlaywrightConfig(
  folder: string,
  own: string | undefined,
  generated: GeneratedConfig,
): Promise<string> {
  const path = join(folder, `.qgjob.${generated.id}.config${own === undefined ? '.mjs' : extname(own)}`);
  await writeFile(path, configText(own === undefined ? undefined : basename(own), generated));
  return path;
}

function configText(own: string | undefined, { json, junit }: GeneratedConfig): string {
  const take =
    own === undefined ? 'const loaded = {};' : `import * as loaded from ${JSON.stringify(`./${own}`)};`;
  return `// Written by the qgjob agent for one attempt, and removed after it.
${take}
const unwrap = (value) => (value && typeof value === 'object' && 'default' in value ? unwrap(value.default) : value);
const own = unwrap(loaded);
const reporter = typeof own.reporter === 'string' ? [[own.reporter]] : (own.reporter ?? [['list']]);
export default {
  ...own,
  workers: 1,
  retries: 0,
  reporter: [
    ...reporter,
    ['json', { outputFile: ${JSON.stringify(json)} }],
    ['junit', { outputFile: ${JSON.stringify(junit)} }],
  ],
};
`;
}
