import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import type { FinishJob, Lease, LeasedJob } from '../../protocol/shapes/agent.ts';
import { leasedJob, leaseOf } from './leases.ts';
import { copySuite, hasSuite } from './real-suite.ts';
import { startTestAgent, type TestAgent } from './start-agent.ts';
import { bundleSuite } from './suite-bundle.ts';

const head = `const { appendFileSync, existsSync, writeFileSync } = require('node:fs');
const note = (what) => appendFileSync('noted', what + ' ' + process.pid + '\\n');
`;

/** A file with one test, which launches the app and notes its process. */
export const testFile = (name: string, body = ''): string =>
  `${head}describe('${name}', () => { it('works', async () => { note('${name}'); await device.launchApp(); console.log('mark-${name}'); ${body} }); });`;

export interface DetoxAgent extends TestAgent {
  /** The words that the tests noted: name, pid. */
  noted(): string[][];
  /** What the driver was asked: see test/real/detox/driver.js. */
  asked(what: string): string[];
  finish(name: string): Promise<FinishJob>;
  log(name: string): string;
  /** Another lease of the same files. */
  again(more: Partial<Lease>, ...names: string[]): void;
}

interface DetoxOptions {
  /** `frameworks.detox` of the agent. */
  readonly settings?: object;
  /** More of the agent's settings. */
  readonly agent?: Readonly<Record<string, unknown>>;
  /** More files of the suite, by path. */
  readonly extra?: Readonly<Record<string, string>>;
  readonly lease?: Partial<Lease>;
  /** The run brings the suite. */
  readonly isBundle?: boolean;
}

export const withDetox = test.skipIf(!hasSuite('detox'));

/** An agent with one device that is granted one lease of these files, each in `e2e/<name>.test.js`. */
export async function runDetox(
  files: Readonly<Record<string, string>>,
  more: Partial<Record<string, Partial<LeasedJob>>> = {},
  { settings = {}, extra = {}, lease = {}, isBundle = false, agent = {} }: DetoxOptions = {},
): Promise<DetoxAgent> {
  const root = copySuite('detox');
  const pathOf = (name: string): string => `e2e/${name}.test.js`;
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, pathOf(name)), text);
  for (const [path, text] of Object.entries(extra)) writeFileSync(join(root, path), text);
  const bundle = isBundle ? await bundleSuite(root) : undefined;
  const started = await startTestAgent({
    root,
    frameworks: { default: 'detox', detox: settings },
    settings: { ...bundle?.settings, ...agent },
    prepare: (server) => {
      if (bundle) server.source = bundle.bytes;
    },
  });
  const grant = (names: readonly string[], other: Partial<Lease> = {}): void => {
    const jobs = names.map((name) => leasedJob(pathOf(name), more[name]));
    started.server.grant(
      leaseOf(jobs, { framework: 'detox', ...(bundle && { source: bundle.source }), ...lease, ...other }),
    );
  };
  grant(Object.keys(files));
  const linesOf = (name: string): string[] =>
    existsSync(join(root, name)) ? readFileSync(join(root, name), 'utf8').trimEnd().split('\n') : [];
  const idOf = (name: string): string => `job_e2e_${name}_test_js`;
  return {
    ...started,
    noted: () => linesOf('noted').map((line) => line.split(' ')),
    asked: (what) => linesOf('asked').filter((line) => line.startsWith(`${what} `) || line === what),
    finish: (name) => started.server.verdict(idOf(name)),
    log: (name) => started.server.logOf(idOf(name)),
    again: (other, ...names) => grant(names, other),
  };
}
