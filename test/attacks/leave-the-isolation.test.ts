import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isolations, isRunning, nobody, startHost } from '../../agent/test-support/isolated-host.ts';
import { leaseOf } from '../../agent/test-support/leases.ts';

describe.each(isolations)('isolation $name', (setting) => {
  test('all that a test started ends with it, also what left its session and its environment', async () => {
    const { server, left } = await startHost(setting);
    server.grant(leaseOf(['evil.sh']));
    expect(await server.verdict('job_evil_sh')).toMatchObject({ verdict: 'passed' });
    expect(server.logOf('job_evil_sh')).toContain('did all');
    expect(isRunning(`sleep ${left}`)).toBe(false);
  });
});

const apart = isolations.filter(({ isolation }) => isolation !== 'none');

describe.each(apart)('isolation $name', (setting) => {
  // Without root a user namespace takes those rights away.
  test.runIf(setting.uid === undefined)(
    'no program that a test starts gets more rights than it',
    async () => {
      const { server } = await startHost(setting);
      server.grant(leaseOf(['rights.sh']));
      await server.verdict('job_rights_sh');
      expect(server.logOf('job_rights_sh')).toMatch(/^NoNewPrivs:\t1$/m);
    },
  );

  test('a test reads no secret of the agent, and the next one sees nothing of what it wrote', async () => {
    const { server, root } = await startHost(setting);
    server.grant(leaseOf(['evil.sh']));
    await server.verdict('job_evil_sh');
    const log = server.logOf('job_evil_sh');
    expect(log).toContain('did all');
    expect(log).not.toMatch(/secret of|redacted|TOKEN=/);
    expect(readFileSync(join(root, '.qgjob/agent/.cache/archive'), 'utf8')).toBe('as it was');
    server.grant(leaseOf(['next.sh']));
    expect(await server.verdict('job_next_sh')).toMatchObject({ verdict: 'passed' });
    expect(server.logOf('job_next_sh')).toContain(`${nobody}\n`);
    // A workspace and a home that are the tests' own stay as they were, too.
    expect(readdirSync(root).sort()).toEqual(
      [
        ...['.qgjob', 'evil.sh', 'hears.sh', 'home', 'next.sh', 'node_modules'],
        ...['playwright.config.ts', 'qgjob.agent.json', 'rights.sh', 'tests'],
      ].sort(),
    );
    expect(readdirSync(join(root, 'home'))).toEqual(['.profile']);
  });
});

/** Puts a link to what is hidden in place of each empty folder that hides something. */
const swap = `
for cover in ${tmpdir()}/*/view-*/[0-9]* ${tmpdir()}/*/*/view-*/[0-9]*; do
  [ -d "$cover" ] && [ -z "$(ls -A "$cover")" ] || continue
  mv "$cover" "$cover.before" && ln -s "$PWD/.qgjob" "$cover"
done
echo did all`;

describe.each(apart.filter(({ isolation }) => isolation === 'namespace'))('isolation $name', (setting) => {
  test('no program of a lease decides what the next one sees', async () => {
    const { server, root } = await startHost(setting);
    writeFileSync(join(root, 'swap.sh'), swap);
    writeFileSync(join(root, 'look.sh'), 'cat .qgjob/agent/secret /var/tmp/agent/secret; echo looked');
    server.grant(leaseOf(['swap.sh', 'look.sh']));
    await server.verdict('job_look_sh');
    expect(server.logOf('job_swap_sh')).toContain('did all');
    expect(server.logOf('job_look_sh')).toContain('looked');
    expect(server.logOf('job_look_sh')).not.toContain('secret of');
  });
});
