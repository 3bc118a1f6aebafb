import path from 'node:path';

// An Appium server with its fake driver, started by the test, is what these specs talk to.
export const config = {
  runner: 'local',
  hostname: '127.0.0.1',
  port: Number(process.env.APPIUM_PORT),
  path: '/',
  connectionRetryCount: 1,
  specs: ['./specs/**/*.spec.js'],
  logLevel: 'error',
  framework: 'mocha',
  mochaOpts: { ui: 'bdd', timeout: 60_000 },
  reporters: ['spec'],
  capabilities: [
    {
      platformName: 'Fake',
      'appium:automationName': 'Fake',
      'appium:deviceName': 'Fake',
      'appium:app': path.resolve('app.xml'),
      'appium:newCommandTimeout': 600,
    },
  ],
};
