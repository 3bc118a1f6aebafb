import { describe, expect, test } from 'vitest';
import { isolations, nobody, startHost } from '../test-support/isolated-host.ts';
import { leasedJob, leaseOf } from '../test-support/leases.ts';

describe.each(isolations)('isolation $name', (setting) => {
  test('Playwright runs as elsewhere, a retry of what failed too', async () => {
    const { server } = await startHost(setting);
    server.grant(leaseOf([leasedJob('tests/a.spec.ts')], { framework: 'playwright' }));
    const first = await server.verdict('job_tests_a_spec_ts');
    expect(first).toMatchObject({ verdict: 'failed', only: [expect.any(String)] });
    const me = setting.isolation === 'none' ? process.getuid?.() : nobody;
    expect(server.logOf('job_tests_a_spec_ts')).toContain(`I am ${me}\n`);
    const again = { ...leasedJob('tests/a.spec.ts', { only: first.only }), job_id: 'job_again' };
    server.grant(leaseOf([again], { framework: 'playwright' }));
    expect(await server.verdict('job_again')).toMatchObject({ verdict: 'failed', retried_tests: 1 });
  });

  test("a cancelled test gets its framework's own signal, and its exit code comes back", async () => {
    const { server } = await startHost(setting);
    server.grant(leaseOf(['hears.sh']));
    await server.until(() => server.logOf('job_hears_sh').includes('ready'));
    server.giveNews({ cancel: 'job_hears_sh' });
    expect(await server.verdict('job_hears_sh')).toMatchObject({ verdict: 'cancelled' });
    expect(server.logOf('job_hears_sh')).toContain('bye');
  });
});
