import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { untilFile, untilGone, untilTrue } from '../../test-support/host.ts';
import { ever, run, spec, withSuite } from '../../test-support/specs.ts';

withSuite(
  'the files of a lease share one worker and one session; each has its own log and verdict',
  async () => {
    const started = await run({ a: spec('a'), b: spec('b', `throw new Error('wrong');`), c: spec('c') });
    expect(await started.finish('b')).toMatchObject({
      verdict: 'failed',
      error: '1 of 1 test failed: b › works: Error: wrong',
    });
    expect(await started.finish('a')).toMatchObject({ verdict: 'passed', tests: [{ name: 'a › works' }] });
    expect(await started.finish('c')).toMatchObject({ verdict: 'passed' });
    expect(new Set(started.noted().map(([, ...rest]) => rest.join())).size).toBe(1);
    expect(started.appium.sessions()).toEqual({ made: 1, ended: 1 });
    for (const name of ['a', 'b', 'c']) expect(started.log(name).match(/mark-\w/g)).toEqual([`mark-${name}`]);
    expect(started.log('b')).toMatch(/✘ b › works \(\d+ ms\)\n.*Error: wrong/);
  },
);

withSuite(
  'one that is cancelled while it runs leaves no session and no worker, and takes no other with it',
  async () => {
    const started = await run({
      a: spec('a', `writeFileSync('cancel-me', ''); ${ever}`),
      c: spec('c'),
    });
    await untilFile(join(started.root, 'cancel-me'));
    started.server.giveNews({ cancel: 'job_specs_a_spec_js' });
    expect(await started.finish('a')).toMatchObject({ verdict: 'cancelled' });
    // The launcher has deleted its session, and no worker is left.
    await untilTrue(() => started.appium.sessions().ended === 1);
    await untilGone(started.noted()[0]?.[2] ?? '');
    expect(await started.finish('c')).toMatchObject({ verdict: 'passed' });
    // Nothing ran twice.
    expect(started.noted().map(([name]) => name)).toEqual(['a', 'c']);
    expect(started.server.callsOf('finishJob')).toHaveLength(2);
  },
);

withSuite(
  'tries, skipped tests and hooks are told as they are; what the suite has started ends with it',
  async () => {
    const config = `import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
export const config = { ...base, onPrepare: () => {
  const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  child.unref();
  writeFileSync('server.pid', String(child.pid));
} };`;
    const started = await run(
      {
        // In the suite under test: skipped tests are reported, and a file with only such tests must not pass.
        flaky: `let tries = 0;
        describe('cart', function () { this.retries(2); it('adds', () => { tries += 1; if (tries === 1) throw new Error('once'); }); it.skip('later', () => {}); });`,
        skipped: `describe('all', () => { it.skip('later', () => {}); });`,
        hook: `describe('shop', () => { before(() => { throw new Error('no shop'); }); it('opens', () => {}); });`,
        top: `it('outside', () => {});`,
      },
      {},
      { config },
    );
    expect(await started.finish('flaky')).toMatchObject({
      verdict: 'passed',
      tests: [
        { name: 'cart › adds', status: 'flaky', message: expect.stringContaining('once') },
        { name: 'cart › later', status: 'skipped' },
      ],
    });
    expect(await started.finish('skipped')).toMatchObject({
      error_class: 'report_error',
      error: expect.stringContaining('its one test was skipped'),
    });
    expect(await started.finish('hook')).toMatchObject({
      verdict: 'failed',
      error: expect.stringContaining('no shop'),
    });
    expect(await started.finish('top')).toMatchObject({ verdict: 'passed', tests: [{ name: 'outside' }] });
    await untilGone(readFileSync(join(started.root, 'server.pid'), 'utf8'));
  },
);
