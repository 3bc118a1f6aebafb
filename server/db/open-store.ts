import { openFile } from './open-file.ts';
import { openRemote } from './open-remote.ts';
import type { RemoteDatabase, Store, StoreOptions } from './store.ts';

/** Where a database is: the path of a file, or a server of its own. */
export type DatabasePlace = string | RemoteDatabase;

/** Opens a database; makes and migrates it where needed. Errors: those of `openFile` and `openRemote`. */
export const openStore = (place: DatabasePlace, options: StoreOptions): Promise<Store> =>
  typeof place === 'string' ? openFile(place, options) : openRemote(place, options);
