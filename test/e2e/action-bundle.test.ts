import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readActionYml } from '../../scripts/action-yml.ts';

const root = join(import.meta.dirname, '../..');
const dist = join(root, 'dist');
const bundle = readdirSync(dist)
  .map((name) => readFileSync(join(dist, name), 'utf8'))
  .join('\n');

test('the bundle contains the Action and nothing of the server, the CLI or the agent', () => {
  const modules = [...bundle.matchAll(/\.\/(?:build|node_modules)\/((?:@[^/\s"]+\/)?[^/\s"]+)/g)];
  const parts = [...new Set(modules.map(([, part]) => part))];
  expect(parts).toEqual(
    expect.arrayContaining(['action', 'client', 'protocol', '@actions/core', '@actions/github']),
  );
  for (const part of [
    'server',
    'agent',
    'cli',
    'hono',
    'drizzle-orm',
    '@libsql/client',
    'pino',
    'commander',
    'zod',
  ])
    expect(parts).not.toContain(part);
});

test('the bundle is small and contains no path of the machine that built it', () => {
  expect(statSync(join(dist, 'index.js')).size).toBeLessThan(1.6 * 1024 * 1024);
  expect(bundle).not.toContain(root);
});

test('action.yml runs the bundle for the step and after the job, on Node 24', () => {
  const { runs } = readActionYml(join(root, 'action.yml'));
  expect(runs).toEqual({ using: 'node24', main: 'dist/index.js', post: 'dist/index.js' });
});

test('every input of action.yml is read', () => {
  const { inputs } = readActionYml(join(root, 'action.yml'));
  const reader = ['inputs', 'credentials']
    .map((name) => readFileSync(join(root, `action/inputs/${name}.ts`), 'utf8'))
    .join('\n');
  const read = [...reader.matchAll(/(?:given|optional|getInput)\('([a-z-]+)'\)/g)].map(([, name]) => name);
  expect([...new Set(read)].sort()).toEqual(Object.keys(inputs).sort());
});
