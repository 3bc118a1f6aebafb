import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installedShop } from './shop.js';

const shop = installedShop();

test('a search ignores upper and lower case', async () => {
  const { body } = await shop.get('/api/goods?q=POST');
  assert.deepEqual(
    body.map(({ name }) => name),
    ['Poster'],
  );
});

test('a search without matches returns an empty list', async () => {
  assert.deepEqual((await shop.get('/api/goods?q=piano')).body, []);
});
