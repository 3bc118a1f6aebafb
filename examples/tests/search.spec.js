import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installedShop } from './shop.js';

const shop = installedShop();

test('a search finds goods whatever the case of its letters', async () => {
  const { body } = await shop.get('/api/goods?q=POST');
  assert.deepEqual(
    body.map(({ name }) => name),
    ['Poster'],
  );
});

test('a search that finds nothing is an empty list', async () => {
  assert.deepEqual((await shop.get('/api/goods?q=piano')).body, []);
});
