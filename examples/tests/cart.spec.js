import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installedShop } from './shop.js';

const shop = installedShop();

async function totalWith(cart, ...items) {
  let total = 0;
  for (const [id, quantity] of items) {
    total = (await shop.post(`/api/cart?cart=${cart}`, { id, quantity })).body.total;
  }
  return total;
}

test('a cart adds up its lines', async () => {
  assert.equal(await totalWith('a', ['mug', 2], ['poster', 1]), 3300);
});

test('an order above 50.00 costs 10 % less', async () => {
  assert.equal(await totalWith('b', ['shirt', 2], ['poster', 1]), 5220);
});

test('an order of exactly 50.00 costs 10 % less', async () => {
  assert.equal(await totalWith('c', ['shirt', 2]), 4500);
});

test('an unknown item cannot be put in a cart', async () => {
  assert.equal((await shop.post('/api/cart?cart=d', { id: 'piano' })).status, 404);
});
