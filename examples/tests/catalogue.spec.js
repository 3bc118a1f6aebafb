import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installedShop } from './shop.js';

const shop = installedShop();

test('the catalogue lists all goods with their prices', async () => {
  const { body } = await shop.get('/api/goods');
  assert.deepEqual(
    body.map(({ id, price }) => [id, price]),
    [
      ['mug', 1250],
      ['shirt', 2500],
      ['poster', 800],
    ],
  );
});
