import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FinishJob } from '../../../protocol/shapes/agent.ts';
import { leasedJob, leaseOf } from '../../test-support/leases.ts';
import { startTestAgent } from '../../test-support/start-agent.ts';

const head = `import { appendFileSync, existsSync } from 'node:fs';
import { expect, test } from '@playwright/test';
const failsOnce = () => expect(existsSync('second')).toBe(true);
test.beforeEach(({}, info) => appendFileSync('ran', info.titlePath.join(' > ') + '\\n'));
`;

const files = {
  // Several on one line, titles that a pattern or a list would take for something else.
  titles: `${head}
    for (const n of ['a', 'a b', ' a ', '$1.*', 'a › b', '[x|y] (50 %)', '"\\'', '😀', 'a\\nb']) test(n, () => { if (n === '$1.*' || n === 'a › b') failsOnce(); });
    test.describe('a', () => test('c', () => undefined)); test.describe('one same', () => test('x', () => failsOnce())); test.describe('one', () => test('same › x', () => undefined));`,
  many: `${head} for (let n = 0; n < 50; n += 1) test('n' + n, () => { if (n === 31) failsOnce(); });`,
  serial: `${head}
    test('alone', () => undefined);
    test.describe('outer', () => { test.describe.configure({ mode: 'serial' });
      test('first', () => undefined);
      test.describe('inner', () => { test('second', () => failsOnce()); });
      test('third', () => undefined);
    });`,
  hook: `${head}
    test('alone', () => undefined);
    test.describe('group', () => { test.beforeAll(() => failsOnce()); test('one', () => undefined); test('two', () => undefined); });`,
  gone: `${head} test('stays', () => undefined); test('leaves ' + existsSync('second'), () => failsOnce());`,
};

test('a retry runs exactly what failed, or the whole file where that cannot be', async () => {
  const paths = Object.keys(files).map((name) => [name, `tests/${name}.spec.ts`] as const);
  const { server, root } = await startTestAgent({
    files: {
      'playwright.config.ts': `export default { testDir: 'tests' };`,
      ...Object.fromEntries(paths.map(([name, path]) => [path, files[name as keyof typeof files]])),
    },
    frameworks: { default: 'playwright' },
  });
  const finishes = (): FinishJob[] => server.callsOf('finishJob').map(({ body }) => body as FinishJob);
  server.grant(
    leaseOf(
      paths.map(([, path]) => leasedJob(path)),
      { framework: 'playwright' },
    ),
  );
  await server.until(() => finishes().length === paths.length);
  expect(finishes().map(({ verdict, retried_tests }) => [verdict, retried_tests])).toEqual(
    paths.map(() => ['failed', undefined]),
  );
  // A serial group and a hook leave out tests after what failed: these failures may not be all.
  const isComplete = server
    .callsOf('finishJob')
    .map(({ params, body }) => [params.job_id, (body as FinishJob).report?.complete]);
  expect(Object.fromEntries(isComplete)).toEqual({
    job_tests_titles_spec_ts: true,
    job_tests_many_spec_ts: true,
    job_tests_serial_spec_ts: undefined,
    job_tests_hook_spec_ts: undefined,
    job_tests_gone_spec_ts: true,
  });
  const only = new Map(
    server.callsOf('finishJob').map(({ params, body }) => [params.job_id, (body as FinishJob).only]),
  );
  writeFileSync(join(root, 'second'), '');
  rmSync(join(root, 'ran'));
  server.grant(
    leaseOf(
      paths.map(([, path]) => {
        const job = leasedJob(path, { next_attempt: 2 });
        return { ...job, only: only.get(job.job_id) };
      }),
      { framework: 'playwright' },
    ),
  );
  await server.until(() => finishes().length === 2 * paths.length);
  const second = new Map(
    server
      .callsOf('finishJob')
      .slice(paths.length)
      .map(({ params, body }) => [params.job_id, body as FinishJob]),
  );
  const of = (name: string): unknown => {
    const finish = second.get(`job_tests_${name}_spec_ts`);
    return [finish?.verdict, finish?.retried_tests, finish?.tests?.map((one) => one.name)];
  };
  expect(of('titles')).toEqual(['passed', 3, ['$1.*', 'a › b', 'one same › x']]);
  expect(of('many')).toEqual(['passed', 1, ['n31']]);
  expect(of('serial')).toEqual(['passed', 3, ['outer › first', 'outer › inner › second', 'outer › third']]);
  expect(of('hook')).toEqual(['passed', 2, ['group › one', 'group › two']]);
  expect(of('gone')).toEqual(['passed', undefined, ['stays', 'leaves true']]);
  expect(readFileSync(join(root, 'ran'), 'utf8').trimEnd().split('\n')).toHaveLength(3 + 1 + 3 + 2 + 2);
});
