import { expect, test } from '../device.mjs';

test('shows the first screen', async ({ device }) => {
  await expect(device.screen.getByText('Welcome')).toBeVisible();
});

test('goes on', async ({ device }) => {
  await device.screen.getByText('Go').tap();
  await expect(device.screen.getByText('Second')).toBeVisible();
});
