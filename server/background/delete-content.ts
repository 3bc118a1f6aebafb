import { randomUUID } from 'node:crypto';
import type { ContentKey, ContentStore } from '../blobs/content-store.ts';
import { claimBlobs, releaseBlobs, renewClaims } from '../queue/store/blob-marks.ts';
import type { Deps } from '../queue/store/deps.ts';

/** Deleted one by one by a slow store, so many take less than half of a claim's time. */
const namesPerPiece = 20;

/**
 * Deletes files whose rows are gone. Nobody can upload them while they are claimed, so that what `isUsed` then says stays
 * true. What somebody has begun to upload within a day is left to a later sweep.
 */
export async function deleteContent(
  deps: Deps,
  store: ContentStore,
  keys: readonly ContentKey[],
  isUsed: (key: ContentKey) => Promise<boolean>,
): Promise<void> {
  const byName = new Map(keys.map((key) => [store.nameOf(key), key]));
  await deleteNames(deps, store, [...byName.keys()], async (names) => {
    const used = await Promise.all(
      names.map(async (name) => {
        const key = byName.get(name);
        return !key || (await isUsed(key));
      }),
    );
    return names.filter((_, n) => !used[n]);
  });
}

/** The same by the names of files; `unused` answers those of them that have no row. */
export async function deleteNames(
  deps: Deps,
  store: ContentStore,
  names: readonly string[],
  unused: (names: readonly string[]) => Promise<readonly string[]>,
): Promise<void> {
  const holder = randomUUID();
  const claimed = await claimBlobs(deps, names, holder);
  if (claimed.length === 0) return;
  const gone = await unused(claimed);
  for (let at = 0; at < gone.length; at += namesPerPiece)
    await store.remove(await renewClaims(deps, gone.slice(at, at + namesPerPiece), holder));
  await releaseBlobs(deps, claimed, holder);
}
