import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The suites that are run, and how many files each has. */
export const suites = { small: 20, large: 6, flaky: 3 } as const;
export type SuiteName = keyof typeof suites;

export interface Suite {
  readonly folder: string;
  /** Where each test's beginning and end are noted, one JSON a line. */
  readonly log: string;
  /** Forgets what an earlier run left: its log, and that the flaky test has failed. */
  reset(): void;
}

const test = (title: string, body: string): string => `test('${title}', async ({ page }) => { ${body} });\n`;
const head = `const { test, expect } = require('@playwright/test');\n`;

const small = (n: number): string =>
  head +
  test(
    `greets ${n}`,
    `await page.setContent('<h1>Hi ${n}</h1><input>'); await page.fill('input', 'x'); await expect(page.locator('h1')).toHaveText('Hi ${n}');`,
  ) +
  test(
    `counts ${n}`,
    `await page.setContent('<button onclick="this.textContent=1">0</button>'); await page.click('button'); await expect(page.locator('button')).toHaveText('1');`,
  );

/** Waits as pages do, for something that takes a while. */
const step = (n: number): string =>
  test(
    `step ${n}`,
    `await page.setContent('<output></output><script>setTimeout(() => { document.querySelector("output").textContent = "done"; }, 150)</script>'); await expect(page.locator('output')).toHaveText('done');`,
  );

const large = (): string => head + Array.from({ length: 16 }, (_, n) => step(n)).join('');

/** A file of many tests, of which one fails the first time. */
const flaky = (mark: string): string =>
  large() +
  `const { existsSync, writeFileSync } = require('node:fs');\n` +
  test(
    'is lucky the second time',
    `const first = !existsSync(${JSON.stringify(mark)}); writeFileSync(${JSON.stringify(mark)}, ''); expect(first).toBe(false);`,
  );

/** Notes beginnings and ends; the same in both sides, so what it costs costs both. */
const timing = (log: string): string => `const { appendFileSync } = require('node:fs');
const note = (what, test, result) => appendFileSync(${JSON.stringify(log)}, JSON.stringify({ what, at: Date.now(), pid: process.pid, worker: result.parallelIndex, file: test.location.file.split('/').slice(-2).join('/') }) + '\\n');
module.exports = class { printsToStdio() { return false; } onTestBegin(test, result) { note('begin', test, result); } onTestEnd(test, result) { note('end', test, result); } };
`;

const config = (chromium: string): string => `module.exports = {
  testDir: 'tests', timeout: 30_000, reporter: [['line'], ['./timing.cjs']],
  use: { launchOptions: { executablePath: ${JSON.stringify(chromium)}, args: ['--no-sandbox'] } },
};
`;

/** Makes a repository with the three suites in `folder`; \`packages\` is a node_modules with @playwright/test. */
export function makeSuite(folder: string, packages: string, chromium: string): Suite {
  const [log, mark] = [`${folder}.log`, `${folder}.mark`];
  const numbered = (suite: string, count: number, text: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => [`tests/${suite}/t${n}.spec.js`, text(n)] as const);
  const files = [
    ...numbered('small', suites.small, small),
    ...numbered('large', suites.large, large),
    ...numbered('flaky', suites.flaky - 1, large),
    ['tests/flaky/lucky.spec.js', flaky(mark)],
    ['playwright.config.js', config(chromium)],
    ['timing.cjs', timing(log)],
    ['package.json', '{"name":"suite","private":true}'],
    ['.gitignore', 'node_modules\ntest-results\n'],
  ] as const;
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  symlinkSync(packages, join(folder, 'node_modules'));
  commit(folder);
  return {
    folder,
    log,
    reset: () => {
      for (const path of [log, mark]) rmSync(path, { force: true });
    },
  };
}

function commit(folder: string): void {
  const who = ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost'];
  for (const words of [
    ['init', '-q'],
    ['add', '-A'],
    [...who, 'commit', '-q', '-m', 'suite'],
  ])
    execFileSync('git', words, { cwd: folder, stdio: 'ignore' });
}
