import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test as base } from '@playwright/test';

/** Version of the shop for page tests: the job's app version, or v1 if the test is run by hand. */
const version = process.env.QGJOB_APP_VERSION_ID ?? 'v1';

/**
 * `shop` is the address of a shop, started for the tests of one worker. Nothing is installed on a device.
 */
export const test = base.extend<object, { shop: string }>({
  shop: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures that are needed from this pattern
    async ({}, use) => {
      const child = spawn(process.execPath, [join(import.meta.dirname, '../shop/start.js'), version], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await use(await firstLine(child));
      child.kill();
    },
    { scope: 'worker' },
  ],
});

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout) for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error('the shop did not start');
}

export { expect } from '@playwright/test';
