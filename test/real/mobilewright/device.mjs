// What `@mobilewright/test` does for a test: a device of the pool, with the app of the configuration on it once.
import { test as base } from '@playwright/test';
import { connectDevice, createDevicePoolClient, expect, loadConfig, toArray } from 'mobilewright';

let pool;

export const test = base.extend({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from it.
  device: async ({}, use) => {
    const config = await loadConfig();
    pool ??= createDevicePoolClient();
    const { allocationId, deviceId, platform } = await pool.allocate({
      platform: config.platform,
      deviceId: config.deviceId,
    });
    const device = await connectDevice({ platform, deviceId, driver: config.driver });
    try {
      for (const app of toArray(config.installApps)) {
        if (await pool.isAppInstalled(allocationId, app)) continue;
        await device.installApp(app);
        await pool.recordAppInstalled(allocationId, app);
      }
      await device.launchApp(config.bundleId);
      await use(device);
    } finally {
      await device.close().catch(() => undefined);
      await pool.release(allocationId);
    }
  },
});
export { expect };
