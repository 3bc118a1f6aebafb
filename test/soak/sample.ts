/** How the server was at an instant. Bytes unless it says otherwise. */
export interface Sample {
  /** Since the start of the soak, s. */
  readonly t: number;
  /** Which life of the server, from 0. */
  readonly life: number;
  readonly rss: number;
  /** Heap that is left after a whole collection. */
  readonly heap: number;
  /** Buffers outside of the heap, after the same collection. */
  readonly external: number;
  /** Open files and sockets; how many of them are sockets; threads. */
  readonly fds: number;
  readonly sockets: number;
  readonly threads: number;
  readonly wal: number;
  readonly file: number;
  /** Pages of the database that hold something. */
  readonly used: number;
  /** Logs, artifacts, bundles and builds. */
  readonly blobs: number;
  readonly heldPolls: number;
  readonly queued: number;
  readonly waiting: number;
  readonly leased: number;
  /** The longest that the event loop was late since the last sample, s. */
  readonly lagMax: number;
}

/** Figures that are judged or shown. */
export type Figure = Exclude<keyof Sample, 't' | 'life'>;
