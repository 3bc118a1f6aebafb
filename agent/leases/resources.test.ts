import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TakeLease } from '../../protocol/shapes/agent.ts';
import { leaseOf } from '../test-support/leases.ts';
import { startTestAgent } from '../test-support/start-agent.ts';

const files = {
  'a.sh': 'echo a >> order; until [ -e go ]; do sleep 0.02; done; echo end >> order',
  'b.sh': 'echo b >> order',
};

/** A name that no other test uses: the locks are those of the host. */
const licence = `licence of ${process.pid} ${Date.now()}`;
const settings = {
  frameworks: { default: 'command', command: { test: ['sh', '{test}'], uses: [licence, licence] } },
};

const [first, second] = ['a'.repeat(64), 'b'.repeat(64)];

test('leases that use one named thing of the host run one after the other', async () => {
  const { server, root } = await startTestAgent({ files, count: 2, settings });
  const asked = () => server.callsOf('takeLease').at(-1)?.body as TakeLease | undefined;
  /** Some device waits for a lease of other sources than these. */
  const untilBusy = (...sources: string[]) =>
    server.until(() => (asked()?.wait_ms ?? 0) > 0 && `${asked()?.busy_sources ?? ''}` === sources.join());
  server.grant(leaseOf(['a.sh'], { source_hash: first }));
  await untilBusy(first);
  server.grant(leaseOf(['b.sh'], { source_hash: second }));
  // It was given back, and as long as the first one has the thing no lease of its source is asked for.
  await untilBusy(first, second);
  expect(server.story).not.toContain('finishJob');
  writeFileSync(join(root, 'go'), '');
  await server.verdict('job_a_sh');
  await untilBusy();
  server.grant(leaseOf(['b.sh'], { source_hash: second }));
  expect(await server.verdict('job_b_sh')).toMatchObject({ verdict: 'passed' });
  expect(readFileSync(join(root, 'order'), 'utf8')).toBe('a\nend\nb\n');
});

test('leases without it run beside one that has it', async () => {
  const { server, root } = await startTestAgent({ files, count: 2 });
  server.grant(leaseOf(['a.sh']));
  await server.until(() => existsSync(join(root, 'order')));
  server.grant(leaseOf(['b.sh']));
  expect(await server.verdict('job_b_sh')).toMatchObject({ verdict: 'passed' });
  writeFileSync(join(root, 'go'), '');
  expect(await server.verdict('job_a_sh')).toMatchObject({ verdict: 'passed' });
});
