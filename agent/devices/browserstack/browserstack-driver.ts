import { join } from 'node:path';
import { HostLocks } from '../../resources/host-lock.ts';
import type { DeviceHost, Driver } from '../device.ts';
import { type Product, readAccess } from './access.ts';
import { readPlan } from './api/read-plan.ts';
import { StackError } from './api/stack-error.ts';
import { Capacity } from './capacity.ts';
import type { StackEntry } from './entry.ts';
import { KeptUploads } from './kept-uploads.ts';
import { productOf } from './session-names.ts';
import { defaultPatience, type Patience } from './session-recording.ts';
import { type StackAccount, StackSlot } from './stack-slot.ts';

/** The slots of one product share the account's plan and what was uploaded. `patience`: for tests. */
export function browserstackDriver(
  host: DeviceHost,
  patience: Patience = defaultPatience,
): Driver<StackEntry> {
  const accounts = new Map<Product, StackAccount>();
  const accountOf = (product: Product): StackAccount => {
    const account = accounts.get(product) ?? openAccount(host, product, patience);
    accounts.set(product, account);
    return account;
  };
  return {
    open: (entry, number) =>
      Array.from(
        { length: entry.parallel },
        () => new StackSlot(entry, accountOf(productOf(entry)), number()),
      ),
  };
}

function openAccount(host: DeviceHost, product: Product, patience: Patience): StackAccount {
  const { browserstack: access = { ...readAccess({}), cacheFolder: '' }, clock } = host;
  const { username, accessKey, apis, hub, cacheFolder } = access;
  const api =
    username === undefined || accessKey === undefined
      ? undefined
      : { base: apis[product], hub, username, accessKey };
  const capacity = new Capacity({
    readPlan: () => (api ? readPlan(api) : Promise.reject(new StackError('credentials', 'no account'))),
    now: () => performance.now(),
    random: Math.random,
  });
  const locks = new HostLocks(join(cacheFolder, 'locks'));
  const uploads = new KeptUploads(join(cacheFolder, 'browserstack'), locks, clock);
  return { access, api, capacity, uploads, patience, clock };
}
