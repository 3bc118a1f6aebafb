import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openQueue } from '../../server/queue/open-queue.ts';
import { readSources } from './sources.ts';
import { fillSqldFolder } from './sqld.ts';

declare module 'vitest' {
  interface ProvidedContext {
    templateDatabase: string;
    /** The same as the data folder of a sqld; '' where tests run on files. */
    sqldTemplate: string;
    /** What the queues and servers of tests run on. */
    database: 'file' | 'sqld';
  }
}

/** Each project of a test run has its setup, and there is one build for all of them. */
const run = globalThis as { isQgjobBuilt?: true };

/**
 * Builds the project once, so that tests of the built programs run the current code, and migrates one template
 * database.
 */
export default async function setup(project: TestProject): Promise<() => void> {
  if (!run.isQgjobBuilt) buildWhole(project.config.root);
  run.isQgjobBuilt = true;
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-template-'));
  const template = join(folder, 'template.db');
  await (await openQueue(template)).close();
  project.provide('templateDatabase', template);
  const isSqld = project.config.provide.database === 'sqld';
  project.provide('sqldTemplate', isSqld ? await migrateSqld(join(folder, 'sqld')) : '');
  return () => rmSync(folder, { recursive: true, force: true });
}

async function migrateSqld(folder: string): Promise<string> {
  mkdirSync(folder);
  await fillSqldFolder(folder, async (url) => (await openQueue({ url })).close());
  return folder;
}

function buildWhole(root: string): void {
  build(root);
  // The compiler writes what has changed since it was last here, and does not see what was removed from the build.
  if (isWhole(root)) return;
  rmSync(join(root, 'build/.tsbuildinfo'), { force: true });
  build(root);
}

function build(root: string): void {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: root,
    encoding: 'utf8',
  });
  // The compiler emits code in spite of type errors; `npm run check` reports them as failures.
  if (status !== 0) process.stderr.write(`the build has type errors:\n${stdout}${stderr}`);
}

const isWhole = (root: string): boolean =>
  readSources(['action', 'agent', 'cli', 'client', 'host', 'protocol', 'server']).every(({ path }) =>
    existsSync(join(root, 'build', path.replace(/\.ts$/, '.js'))),
  );
