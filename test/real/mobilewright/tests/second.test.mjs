import { expect, test } from '../device.mjs';

test('finds the button', async ({ device }) => {
  await expect(device.screen.getByText('Go')).toBeVisible();
});
