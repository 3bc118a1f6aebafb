import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openQueue } from '../../server/queue/open-queue.ts';

/** The migrated template alone: nothing here runs a built program. */
export default async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-template-'));
  const template = join(folder, 'template.db');
  await (await openQueue(template)).close();
  project.provide('templateDatabase', template);
  project.provide('sqldTemplate', '');
  return () => rmSync(folder, { recursive: true, force: true });
}
