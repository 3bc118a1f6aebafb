import { defineConfig } from 'mobilewright';
import { FakeDriver } from './fake-driver.mjs';

export default defineConfig({
  testDir: './tests',
  testMatch: '**/*.test.mjs',
  platform: 'android',
  bundleId: 'com.example.shop',
  driver: new FakeDriver(),
});
