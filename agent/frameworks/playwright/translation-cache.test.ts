import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { expect, test } from 'vitest';
import type { Lease } from '../../../protocol/shapes/agent.ts';
import { packageRoot } from '../../package-root.ts';
import { leaseOf } from '../../test-support/leases.ts';
import { startTestAgent } from '../../test-support/start-agent.ts';

const files = {
  'playwright.config.ts': `export default { testDir: 'tests' };`,
  'tests/a.spec.ts': `import { readdirSync } from 'node:fs';
import { test } from '@playwright/test';
const folder: string = process.env.PWTEST_CACHE_DIR ?? '';
test('looks', () => console.log('translated', folder, String(folder && readdirSync(folder, { recursive: true }).some((name) => String(name).endsWith('spec.js')))));
`,
};

const bundle = async (): Promise<Buffer> =>
  gzipSync(
    await packTar(
      Object.entries(files).map(([name, text]) => ({
        header: { name, size: text.length, type: 'file' as const },
        body: text,
      })),
    ),
  );

/** What a test of a lease of this source says of the folder with the translations. */
async function look(source: Lease['source'], archive?: Buffer): Promise<string> {
  const { server, stop } = await startTestAgent({
    files,
    frameworks: { default: 'playwright' },
    settings: { setup: ['ln', '-s', join(packageRoot(), 'node_modules'), 'node_modules'] },
    prepare: (server) => {
      if (archive) server.source = archive;
    },
  });
  server.grant(leaseOf(['tests/a.spec.ts'], { framework: 'playwright', ...(source && { source }) }));
  expect(await server.verdict('job_tests_a_spec_ts')).toMatchObject({ verdict: 'passed' });
  await stop();
  return /translated (.*)/.exec(server.logOf('job_tests_a_spec_ts'))?.[1] ?? 'nothing';
}

test('what Playwright translates of a bundle is removed with the lease', async () => {
  const archive = await bundle();
  const sha256 = createHash('sha256').update(archive).digest('hex');
  const [folder = '', isUsed] = (await look({ kind: 'bundle', sha256 }, archive)).split(' ');
  expect(isUsed).toBe('true');
  expect(folder).toMatch(/^\//);
  expect(existsSync(folder)).toBe(false);
});

test('the translations of a workspace stay where Playwright has them', async () => {
  expect((await look(undefined)).trim()).toBe('');
});
