import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installedShop } from './shop.js';

const shop = installedShop();

test('a new customer creates an account', async () => {
  const { status, body } = await shop.post('/api/accounts', {
    email: 'new@example.com',
    password: 'correct horse',
  });
  assert.equal(status, 201);
  assert.equal(body.email, 'new@example.com');
});

test('an invalid address is refused with a reason', async () => {
  const { status, body } = await shop.post('/api/accounts', { email: 'nobody', password: 'x' });
  assert.equal(status, 400);
  assert.match(body.error, /e-mail/);
});

test('an address can have only one account', async () => {
  await shop.post('/api/accounts', { email: 'twice@example.com', password: 'x' });
  const second = await shop.post('/api/accounts', { email: 'twice@example.com', password: 'y' });
  assert.equal(second.status, 409);
});
