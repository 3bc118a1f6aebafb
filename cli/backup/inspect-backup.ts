import { createTarDecoder, type ParsedTarEntry } from 'modern-tar';
import { BackupEnd, BackupFailed, BackupManifest, backupEntries } from '../../protocol/backup.ts';
import { oneLine } from '../../protocol/clean-text.ts';
import { QgjobError } from '../../protocol/errors.ts';

/** What is known of a backup while its bytes go by. */
export interface Seen {
  manifest?: BackupManifest;
  end?: BackupEnd;
}

/**
 * Looks at the bytes of a backup as they pass. A tar that was cut off can look whole to HTTP: only its last entry shows
 * that it is.
 */
export class BackupInspector {
  readonly seen: Seen = {};
  readonly #decoder = createTarDecoder({ strict: true });
  readonly #writer = (this.#decoder.writable as WritableStream<Uint8Array>).getWriter();
  readonly #read: Promise<void>;

  constructor() {
    this.#read = this.#readAll();
    this.#read.catch(() => undefined);
  }

  /** Errors: `unavailable`, in the server's words where it could not go on. */
  async push(chunk: Uint8Array): Promise<void> {
    // After an error nobody would take it.
    await Promise.race([this.#writer.write(chunk), this.#read]);
  }

  /** All has passed. Errors: `unavailable`: it is not whole. */
  async finish(): Promise<{ readonly manifest: BackupManifest; readonly end: BackupEnd }> {
    await Promise.race([this.#writer.close(), this.#read]).catch(() => undefined);
    await this.#read;
    const { manifest, end } = this.seen;
    if (!manifest || !end) throw cutOff('it has no end');
    return { manifest, end };
  }

  async #readAll(): Promise<void> {
    try {
      for await (const entry of this.#decoder.readable as unknown as AsyncIterable<ParsedTarEntry>)
        await this.#look(entry);
    } catch (error) {
      throw error instanceof QgjobError ? error : cutOff((error as Error).message);
    }
  }

  async #look({ header: { name }, body }: ParsedTarEntry): Promise<void> {
    if (name === backupEntries.failed) throw failed(BackupFailed.parse(await readJson(body)).message);
    if (name === backupEntries.manifest) this.seen.manifest = BackupManifest.parse(await readJson(body));
    else if (name === backupEntries.end) this.seen.end = BackupEnd.parse(await readJson(body));
    else for await (const _ of body as unknown as AsyncIterable<Uint8Array>);
  }
}

const readJson = (body: ReadableStream<Uint8Array>): Promise<unknown> => new Response(body as never).json();

const cutOff = (why: string): QgjobError =>
  new QgjobError('unavailable', `the backup was cut off (${oneLine(why)}); nothing is kept of it, try again`);

const failed = (message: string): QgjobError => new QgjobError('unavailable', oneLine(message));
