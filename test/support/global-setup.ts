import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openQueue } from '../../server/queue/open-queue.ts';

declare module 'vitest' {
  interface ProvidedContext {
    templateDatabase: string;
  }
}

/**
 * Builds the project once, so that tests of the built programs run the current code, and migrates one template
 * database.
 */
export default async function setup(project: TestProject): Promise<() => void> {
  const root = project.config.root;
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const build = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: root,
    encoding: 'utf8',
  });
  // The compiler emits code in spite of type errors; `npm run check` reports them as failures.
  if (build.status !== 0) process.stderr.write(`the build has type errors:\n${build.stdout}${build.stderr}`);
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-template-'));
  const template = join(folder, 'template.db');
  await (await openQueue(template)).close();
  project.provide('templateDatabase', template);
  return () => rmSync(folder, { recursive: true, force: true });
}
