import { join } from 'node:path';
import { defineConfig, Platform } from 'appwright';

export default defineConfig({
  projects: [
    {
      name: 'android',
      use: {
        platform: Platform.ANDROID,
        device: { provider: 'emulator', name: 'Fake' },
        buildPath: join(__dirname, 'app.apk'),
      },
    },
  ],
});
