import { expect, test } from '../device.mjs';

test('finds what is not there', async ({ device }) => {
  await expect(device.screen.getByText('Nothing')).toBeVisible({ timeout: 300 });
});

test('runs in the next worker', async ({ device }) => {
  await expect(device.screen.getByText('Go')).toBeVisible();
});
