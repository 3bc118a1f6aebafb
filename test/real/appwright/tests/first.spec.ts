import { expect, test } from 'appwright';

test('one', async ({ device }) => {
  await expect(device.getByXpath('//text[@id="welcome"]')).toBeVisible();
});

test('two', async ({ device }) => {
  await expect(device.getByXpath('//text[@id="welcome"]')).toBeVisible();
});
