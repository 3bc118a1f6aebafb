import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installedShop } from './shop.js';

const shop = installedShop();
const account = { email: 'ada@example.com', password: 'correct horse' };

test('a customer logs in with the right password', async () => {
  await shop.post('/api/accounts', account);
  const { status, body } = await shop.post('/api/sessions', account);
  assert.equal(status, 201);
  assert.ok(body.session);
});

test('a wrong password is refused', async () => {
  const { status } = await shop.post('/api/sessions', { ...account, password: 'wrong' });
  assert.equal(status, 401);
});
