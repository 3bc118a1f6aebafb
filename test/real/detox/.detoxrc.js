// One configuration on a device that is not there: see driver.js.
module.exports = {
  testRunner: { args: { $0: 'jest', config: 'e2e/jest.config.js' }, retries: 2 },
  apps: { shop: { type: 'fake.apk', binaryPath: process.env.QGJOB_APP || 'shop.apk' } },
  devices: { rack: { type: './driver.js', device: { adbName: process.env.QGJOB_DEVICE } } },
  configurations: { fake: { device: 'rack', app: 'shop' } },
};
