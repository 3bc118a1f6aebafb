import { expect, test } from './shop.ts';

test('the page lists what is sold', async ({ page, shop }) => {
  await page.goto(shop);
  await expect(page.getByRole('listitem')).toHaveCount(3);
  await expect(page.getByText('T-shirt, 25.00')).toBeVisible();
});

test('two shirts cost 45.00', async ({ page, shop }) => {
  await page.goto(shop);
  const add = page.getByRole('button', { name: 'Add T-shirt' });
  await add.click();
  await expect(page.locator('#total')).toHaveText('25.00');
  await add.click();
  await expect(page.locator('#total')).toHaveText('45.00');
});
