import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installedShop } from './shop.js';

const shop = installedShop();

test('four mugs are an order of 45.00', async () => {
  await shop.post('/api/cart?cart=a', { id: 'mug', quantity: 4 });
  const { status, body } = await shop.post('/api/orders?cart=a');
  assert.equal(status, 201);
  assert.equal(body.total, 4500);
});

test('the cart is empty after the order', async () => {
  await shop.post('/api/cart?cart=b', { id: 'poster' });
  await shop.post('/api/orders?cart=b');
  assert.deepEqual((await shop.get('/api/cart?cart=b')).body, { lines: [], total: 0 });
});

test('an empty cart cannot be ordered', async () => {
  assert.equal((await shop.post('/api/orders?cart=c')).status, 409);
});
