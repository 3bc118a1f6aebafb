import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readSubmitted } from '../../read-submitted.ts';

const word = 'webServer';
/** Imports that are read as text: `from './base'`, `require("./base.js")`, `import('./base')`. */
const imports = /(?:from|require\(|import\(?)\s*['"]([^'"]+)['"]/g;
const endings = ['', '.ts', '.js', '.mts', '.mjs', '.cts', '.cjs', '/index.ts', '/index.js'];
/** Modules without web servers. */
const harmless = /^(node:|@playwright\/test$|(playwright|playwright-core|dotenv)(\/|$)|(path|fs|os|url)$)/;
/** Ways to load what this text does not name. */
const hidden = /createRequire|readFile|(?:import|require)\(\s*[^'"\s)]/;
const mostFiles = 30;

/**
 * Whether a configuration may have web servers, by its text and that of the files that it imports. Where it cannot be
 * known, since it imports a package or is no file, the answer is yes: then Playwright itself is asked, which costs its start.
 */
export function mayServe(config: string): boolean {
  const files = [config];
  for (const file of files) {
    const text = readSubmitted(file);
    if (text === undefined || text.includes(word) || hidden.test(text) || files.length > mostFiles)
      return true;
    for (const [, name = ''] of text.matchAll(imports)) {
      if (harmless.test(name)) continue;
      const found = name.startsWith('.') ? find(join(dirname(file), name)) : undefined;
      if (found === undefined) return true;
      if (!files.includes(found)) files.push(found);
    }
  }
  return false;
}

const find = (path: string): string | undefined =>
  [...endings.map((ending) => path + ending), path.replace(/js$/, 'ts')].find(
    (one) => /\.[cm]?[jt]sx?$|\.json$/.test(one) && existsSync(one),
  );
