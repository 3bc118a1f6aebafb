import type { ContentStore } from './content-store.ts';

/** Receives bytes and keeps them at once; a failed upload leaves no file. */
export const keepReceived =
  (receive: ContentStore['receive']): ContentStore['keep'] =>
  async ({ orgId, sha256 }, chunks, size) => {
    const file = await receive(chunks, { size, sha256 });
    try {
      await file.keep(orgId);
    } finally {
      await file.discard();
    }
    return { size: file.size };
  };
