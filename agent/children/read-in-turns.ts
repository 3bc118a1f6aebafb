import type { Readable } from 'node:stream';

/**
 * Reads one part in each turn of the event loop. Without the pauses, 32 parts of a flooding child are read at a time;
 * each costs 2 to 5 ms where secrets are masked, and no heartbeat is sent and no signal noticed until all are done.
 */
export function readInTurns(stream: Readable, onOutput: (bytes: Buffer) => void): void {
  stream.on('data', (bytes: Buffer) => {
    stream.pause();
    setImmediate(() => stream.resume());
    onOutput(bytes);
  });
}
