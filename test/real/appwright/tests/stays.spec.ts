import { test } from 'appwright';

test('stays', async ({ device }) => {
  console.log(`it runs: ${typeof device}`);
  await new Promise(() => undefined);
});
