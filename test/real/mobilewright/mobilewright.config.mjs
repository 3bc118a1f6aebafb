import { defineConfig } from 'mobilewright';
import { FakeDriver } from './fake-driver.mjs';

export default defineConfig({
  testDir: './tests',
  testMatch: '**/*.test.mjs',
  platform: 'android',
  bundleId: 'com.example.shop',
  driver: process.env.QGJOB_PARAM_REAL ? undefined : new FakeDriver(),
});
