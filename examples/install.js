// Installs a version of the shop on a device, like `adb install` on a phone. A simulated device is a folder. The agent passes
// QGJOB_DEVICE, QGJOB_DEVICE_DIR and QGJOB_APP_VERSION_ID; by hand: node install.js VERSION
import { deviceFolder } from './device.js';
import { buildShop } from './shop/build.js';

const { QGJOB_DEVICE: device = 'by-hand', QGJOB_APP_VERSION_ID: version = process.argv[2] } = process.env;

try {
  await buildShop(version, deviceFolder());
  console.log(`installed ${version} on ${device}`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
