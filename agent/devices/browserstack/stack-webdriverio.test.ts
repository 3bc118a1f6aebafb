import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { leaseOf } from '../../test-support/leases.ts';
import { copySuite, hasSuite } from '../../test-support/real-suite.ts';
import { openStack, pixel } from '../../test-support/stack-devices.ts';
import { StandInBrowserStack } from '../../test-support/stand-in-browserstack.ts';
import { startTestAgent } from '../../test-support/start-agent.ts';

// It is one for an Appium on this host.
const config = `export const config = {
  runner: 'local',
  hostname: 'localhost',
  port: 4723,
  services: ['appium'],
  connectionRetryCount: 0,
  logLevel: 'error',
  framework: 'mocha',
  reporters: ['spec'],
  capabilities: [{ platformName: 'Android', 'appium:automationName': 'UiAutomator2', 'bstack:options': { debug: true } }],
};`;
const spec = (name: string): string =>
  `describe('${name}', () => { it('looks', async () => { await browser.getPageSource(); }); });`;

test.skipIf(!hasSuite('webdriverio'))(
  'the specs of a lease share one session of a real WebdriverIO, which is found by its name and judged',
  async () => {
    const standIn = await StandInBrowserStack.start();
    const root = copySuite('webdriverio');
    writeFileSync(join(root, 'wdio.conf.js'), config);
    mkdirSync(join(root, 'specs'));
    for (const name of ['a', 'b']) writeFileSync(join(root, `specs/${name}.spec.js`), spec(name));
    const { server } = await startTestAgent({
      root,
      frameworks: { default: 'webdriverio' },
      settings: { devices: [pixel] },
      host: standIn.env,
      devices: openStack(standIn),
    });
    server.grant(leaseOf(['specs/a.spec.js', 'specs/b.spec.js'], { framework: 'webdriverio' }));
    expect(await server.verdict('job_specs_a_spec_js')).toMatchObject({ verdict: 'passed' });
    expect(await server.verdict('job_specs_b_spec_js')).toMatchObject({ verdict: 'passed' });
    await standIn.until(() => standIn.sessions.all[0]?.status === 'passed');
    const [session, ...more] = standIn.sessions.all;
    expect(more).toEqual([]);
    expect(session?.name).toMatch(/^qgjob \(lse_\S+\)$/);
    expect(session?.capabilities).toMatchObject({
      platformName: 'Android',
      'bstack:options': { debug: true, deviceName: 'Google Pixel 8', osVersion: '14.0' },
    });
    await server.until(() => 'device/video.mp4' in server.artifacts.of('job_specs_a_spec_js'));
  },
);
