import { cpSync, existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

const suites = join(import.meta.dirname, '../../test/real');

/** True where the packages of a suite of `test/real` are installed. With `QGJOB_REQUIRE_REAL` they must be. */
export function hasSuite(name: string): boolean {
  if (existsSync(join(suites, name, 'node_modules/.qgjob-lock.json'))) return true;
  if (process.env.QGJOB_REQUIRE_REAL)
    throw new Error(`test/real/${name} is not installed: node scripts/install-real.mjs ${name}`);
  return false;
}

/**
 * Settings of an agent that keeps its tests in a namespace, where the packages of the suite and this Node can be seen.
 * Undefined: this host is not asked, since only root has another user for them.
 */
export const inNamespace = (name: string): Readonly<Record<string, unknown>> | undefined =>
  process.getuid?.() === 0
    ? {
        isolation: 'namespace',
        isolation_visible: [realpathSync(join(suites, name, 'node_modules')), dirname(process.execPath)],
      }
    : undefined;

/**
 * A copy of a suite for one test, removed after it; its packages are a link to those of `test/real`, or to those of another
 * folder of it, with other versions.
 */
export function copySuite(name: string, versions = name): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), `qgjob-${name}-`)));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const from = join(suites, name);
  const packages = join(from, 'node_modules');
  cpSync(from, root, { recursive: true, filter: (path) => path !== packages });
  symlinkSync(join(suites, versions, 'node_modules'), join(root, 'node_modules'));
  return root;
}
