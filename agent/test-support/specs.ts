import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'vitest';
import type { FinishJob, LeasedJob } from '../../protocol/shapes/agent.ts';
import { type Appium, startAppium } from './appium.ts';
import { leasedJob, leaseOf } from './leases.ts';
import { copySuite, hasSuite } from './real-suite.ts';
import { startTestAgent, type TestAgent } from './start-agent.ts';
import { bundleSuite } from './suite-bundle.ts';

export const head = `import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
const note = (what) => appendFileSync('noted', what + ' ' + browser.sessionId + ' ' + process.pid + '\\n');
const look = async () => { if (!(await browser.getPageSource()).includes('MockButton')) throw new Error('no button'); };
`;
export const ever = 'await new Promise((resolve) => setTimeout(resolve, 600_000));';
/** A spec with one test in a suite, which looks at the app and notes its session and its process. */
export const spec = (name: string, body = ''): string =>
  `${head}describe('${name}', () => { it('works', async () => { note('${name}'); await look(); console.log('mark-${name}'); ${body} }); });`;

export interface Started extends TestAgent {
  readonly appium: Appium;
  /** The words that the tests noted: name, session, pid. */
  noted(): string[][];
  finish(name: string): Promise<FinishJob>;
  log(name: string): string;
}

export const withSuite = test.skipIf(!hasSuite('webdriverio'));

interface SpecOptions {
  /** The suite's configuration, which may change `base`. */
  readonly config?: string;
  /** More files of the suite, by path. */
  readonly extra?: Readonly<Record<string, string>>;
  /** The run brings the suite. */
  readonly isBundle?: boolean;
  /** More of the agent's settings. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Of the names of specs and configuration. */
  readonly end?: 'js' | 'ts';
}

/** An agent with one device that is granted one lease of these specs, each in `specs/<name>.spec.js`, beside a real Appium. */
export async function run(
  files: Readonly<Record<string, string>>,
  more: Partial<Record<string, Partial<LeasedJob>>> = {},
  { config, extra = {}, isBundle = false, end = 'js', settings = {} }: SpecOptions = {},
): Promise<Started> {
  const root = copySuite('webdriverio');
  if (config !== undefined) {
    renameSync(join(root, 'wdio.conf.js'), join(root, 'base.js'));
    writeFileSync(join(root, `wdio.conf.${end}`), `import { config as base } from './base.js';\n${config}`);
  }
  for (const [path, text] of Object.entries(extra)) writeFileSync(join(root, path), text);
  const appium = await startAppium(root);
  const paths = Object.keys(files).map((name) => [name, `specs/${name}.spec.${end}`] as const);
  for (const [name, path] of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), files[name] ?? '');
  }
  const bundle = isBundle ? await bundleSuite(root) : undefined;
  const started = await startTestAgent({
    prepare: (server) => {
      if (bundle) server.source = bundle.bytes;
    },
    root,
    frameworks: { default: 'webdriverio' },
    host: { APPIUM_PORT: String(appium.port), APPIUM_PID: String(appium.pid) },
    settings: { env: ['APPIUM_PORT', 'APPIUM_PID'], ...bundle?.settings, ...settings },
  });
  const jobs = paths.map(([name, path]) => leasedJob(path, more[name]));
  started.server.grant(leaseOf(jobs, { framework: 'webdriverio', ...(bundle && { source: bundle.source }) }));
  const idOf = (name: string): string => `job_specs_${name}_spec_${end}`;
  return {
    ...started,
    appium,
    noted: () =>
      readFileSync(join(root, 'noted'), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ')),
    finish: (name) => started.server.verdict(idOf(name)),
    log: (name) => started.server.logOf(idOf(name)),
  };
}
