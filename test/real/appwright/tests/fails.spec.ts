import { expect, test } from 'appwright';

test('finds what is not there', async ({ device }) => {
  await expect(device.getByXpath('//text[@id="nothing"]')).toBeVisible({ timeout: 300 });
});

test('runs in the next worker', async ({ device }) => {
  await expect(device.getByXpath('//text[@id="welcome"]')).toBeVisible();
});
