// Installs a version of the shop on a device, like `adb install` on a phone. A simulated device is a folder. The agent passes
// QGJOB_DEVICE, QGJOB_DEVICE_DIR and QGJOB_APP_VERSION_ID; by hand: node install.js VERSION
import { setTimeout as sleep } from 'node:timers/promises';
import { deviceFolder } from './device.js';
import { buildShop } from './shop/build.js';

const { QGJOB_DEVICE: device = 'by-hand', QGJOB_APP_VERSION_ID: version = process.argv[2] } = process.env;

// A phone takes 10 to 60 s; an install that costs nothing would not be worth a group.
const installMs = 2000;

try {
  await sleep(installMs);
  await buildShop(version, deviceFolder());
  console.log(`installed ${version} on ${device}`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
