import { onTestFinished } from 'vitest';
import type { Device } from '../devices/device.ts';

/** Looks at a device until a look says what is wanted, `well` where nothing is wrong, or the test is over. */
export async function lookUntil(
  device: Device | undefined,
  met: (words: string) => boolean,
): Promise<string> {
  let isOver = false;
  onTestFinished(() => {
    isOver = true;
  });
  while (!isOver) {
    const words = (await device?.examine?.())?.why ?? 'well';
    if (met(words)) return words;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('the test is over');
}
