/** What a phone says of itself, in the words of Android. */
export const batteryText = (level: number, temperature: number): string =>
  `Current Battery Service state:\n  USB powered: true\n  level: ${level}\n  scale: 100\n  temperature: ${temperature}\n`;

export const diskText = (freeKib: number): string =>
  `Filesystem     1K-blocks     Used Available Use% Mounted on\n/dev/block/dm-9 115249236 1000 ${freeKib}  22% /data\n`;

/** `dialog` is in front; without one the launcher. */
export const windowText = (dialog = 'com.android.launcher/.Launcher'): string =>
  `  mCurrentFocus=Window{8a1b2c3 u0 ${dialog}}\n`;

/** Of one that has started, and of one that is still starting. */
export const services = ['activity', 'package', 'window']
  .map((name, n) => `${n}\t${name}: [android.I${name}]\n`)
  .join('');
export const firstServices = '0\tactivity: [android.app.IActivityManager]\n';

/** By which adb knows it. */
export const banner =
  'device::ro.product.name=fake;ro.product.model=Fake_Phone;ro.product.device=fake;features=shell_v2,cmd';
