import type { BrowserEntry } from './browser-entry.ts';
import type { Device, Driver } from './device.ts';

/** Browsers on this host. Which one a test starts is a matter of its suite; a pool tells the suite what it asked for. */
export const browser: Driver<BrowserEntry> = {
  open: (entry, number) => Array.from({ length: entry.count }, () => openOne(entry, number())),
};

function openOne({ target, name, count }: BrowserEntry, number: number): Device {
  const [, pool] = target.split('/');
  const own = name ?? target.replace('/', '-');
  return {
    offer: {
      name: name !== undefined && count === 1 ? own : `${own}-${number}`,
      target,
      platform: 'browser',
      labels: { driver: 'browser' },
    },
    env: pool === undefined ? {} : { QGJOB_BROWSER: pool },
  };
}
