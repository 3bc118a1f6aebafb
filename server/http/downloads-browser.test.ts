import { chromium } from '@playwright/test';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findChromium } from '../../agent/test-support/host.ts';
import { ArtifactLab, testLimits } from '../../test/support/artifact-lab.ts';
import { startTestServer } from '../../test/support/server.ts';

const executablePath = findChromium();
const page = `<!doctype html><title>shown</title><script>document.title = 'ran'</script>`;
const svg = `<svg xmlns="http://www.w3.org/2000/svg"><script>document.title = 'ran'</script></svg>`;

/** A browser that may read acme's artifacts, and a function that makes an artifact. */
async function openBrowser() {
  const lab = await ArtifactLab.open(await startTestServer({ artifactLimits: testLimits }));
  const browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    args: ['--no-sandbox'],
  });
  onTestFinished(() => browser.close());
  const tab = await browser.newPage({
    extraHTTPHeaders: { authorization: `Bearer ${lab.acme.tokens.read}` },
  });
  const upload = async (name: string, body: string | Uint8Array<ArrayBuffer>): Promise<string> => {
    const held = await lab.acme.running();
    const { url } = await lab.acme.of(held.lease).call('uploadArtifact', {
      params: { ...lab.params(held), name },
      query: { attempt: 1 },
      body: new Blob([body]),
    });
    return url;
  };
  return { tab, upload, url: lab.server.url };
}

describe.skipIf(!executablePath)('in a browser', () => {
  test('a screenshot is shown', async () => {
    const { tab, upload } = await openBrowser();
    await tab.goto(await upload('home.png', new Uint8Array(await tab.screenshot())));
    const width = await tab.locator('img').evaluate((img) => (img as { naturalWidth?: number }).naturalWidth);
    expect(width).toBeGreaterThan(0);
  });

  test('a text is shown as text, also where it contains HTML', async () => {
    const { tab, upload } = await openBrowser();
    await tab.goto(await upload('notes.txt', page));
    expect(await tab.locator('body').textContent()).toBe(page);
    expect(await tab.title()).toBe('');
  });

  test.each([
    ['index.html', page],
    ['logo.svg', svg],
    ['junit.xml', svg],
    ['home.png.xhtml', svg],
  ])('%s is saved, not opened', async (name, body) => {
    const { tab, upload } = await openBrowser();
    const download = tab.waitForEvent('download');
    await expect(tab.goto(await upload(name, body))).rejects.toThrow('Download is starting');
    expect((await download).suggestedFilename()).toBe(name);
    expect(await tab.title()).toBe('');
  });

  test('a script is none, not even to a page of the server itself', async () => {
    const { tab, upload, url } = await openBrowser();
    await tab.goto(`${url}/docs`);
    const title = await tab.title();
    for (const name of ['run.js', 'run.txt', 'run.json']) {
      const script = await upload(name, `document.title = 'ran'`);
      await expect(tab.addScriptTag({ url: script })).rejects.toThrow();
    }
    expect(await tab.title()).toBe(title);
  });
});
