import { test } from '../device.mjs';

test('stays', async ({ device }) => {
  console.log(`it runs on ${device.deviceId ?? 'a device'}`);
  await new Promise(() => undefined);
});
