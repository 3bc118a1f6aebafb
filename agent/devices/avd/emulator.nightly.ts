import { test } from 'vitest';
import {
  emulatorEntry,
  emulatorHost,
  killAndStartAnew,
  openEmulators,
} from '../../test-support/emulators.ts';
import { untilGone } from '../../test-support/host.ts';
import { lookUntil } from '../../test-support/look-until.ts';
import { hasAdb } from '../../test-support/phones.ts';

const withAdb = test.skipIf(!hasAdb());
const entry = emulatorEntry;

withAdb('one that does not boot in time is ended and begun anew', async () => {
  const host = await emulatorHost(['pixel']);
  host.put('hold');
  const [device] = openEmulators({ ...entry, boot_timeout: 10 }, host.env);
  await lookUntil(device, (words) => words.startsWith('it did not boot within 10 s'));
  await untilGone(host.starts()[0]?.worker ?? 0);
});

withAdb(
  'an agent that is killed with an emulator that has booted leaves none after its next start',
  async () => {
    await killAndStartAnew(await emulatorHost(['pixel']), 'pixel  is well again');
  },
);
