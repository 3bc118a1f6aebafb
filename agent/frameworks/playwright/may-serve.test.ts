import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../../test-support/host.ts';
import { mayServe } from './may-serve.ts';

const asks = (config: string, files: Readonly<Record<string, string>> = {}): boolean =>
  mayServe(join(makeWorkspace({ 'playwright.config.ts': config, ...files }), 'playwright.config.ts'));

test.each([
  `import { defineConfig } from '@playwright/test'; export default defineConfig({});`,
  `import 'dotenv/config'; import { join } from 'node:path'; export default { testDir: join('a', 'b') };`,
])('a configuration without servers needs no question: %s', (config) => {
  expect(asks(config)).toBe(false);
});

test('what a file beside it exports is known', () => {
  const config = `import base from './base'; export default { ...base };`;
  expect(asks(config, { 'base.ts': 'export default { retries: 1 };' })).toBe(false);
  expect(asks(config, { 'base.ts': `export default { webServer: { command: 'x' } };` })).toBe(true);
});

test.each([
  `export default { webServer: { command: 'x' } };`,
  `import base from '@acme/base'; export default base;`,
  `import base from 'playwright-base-config'; export default base;`,
  `import base from 'dotenv-like'; export default base;`,
  'export default (await import(`./` + name)).default;',
  `const load = createRequire(import.meta.url); export default load('@acme/base');`,
  `export default JSON.parse(readFileSync('settings.json', 'utf8'));`,
])('where it cannot be known Playwright is asked: %s', (config) => {
  expect(asks(config)).toBe(true);
});
