import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { FileLock } from '../../../host/lock-file.ts';
import type { HostLocks } from '../../resources/host-lock.ts';
import type { StackApi } from './api/call.ts';
import { uploadApp } from './api/upload-app.ts';

/** BrowserStack keeps an app for 30 days; its pages disagree since when, so this counts from the upload. In ms. */
const lifeMs = 25 * 24 * 60 * 60_000;
/** How often it is looked whether another slot or agent has uploaded what this one waits for. */
const lookMs = 50;

const Kept = z.object({
  app_url: z.string().regex(/^bs:\/\/[A-Za-z0-9]+$/),
  sha256: z.string(),
  uploaded_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
});

export interface UploadedApp {
  /** `bs://…` */
  readonly url: string;
  readonly sha256: string;
  /** Epoch ms. */
  readonly expiresAt: number;
  /** 0: it was there already. */
  readonly uploads: number;
}

export interface UploadOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * What was uploaded to BrowserStack, by account and content: one file each in a folder that the agents of a data folder share.
 * One upload of a content at a time, so that all others use it.
 */
export class KeptUploads {
  readonly #folder: string;
  readonly #locks: Pick<HostLocks, 'tryLock'>;
  readonly #clock: () => number;

  /** `clock` in epoch ms. */
  constructor(folder: string, locks: Pick<HostLocks, 'tryLock'>, clock: () => number) {
    this.#folder = folder;
    this.#locks = locks;
    this.#clock = clock;
  }

  /** Uploads an app unless that was done. Errors: StackError, the reason of the signal, those of the disk. */
  async get(api: StackApi, path: string, options: UploadOptions): Promise<UploadedApp> {
    const sha256 = await hashOf(path);
    const file = this.#fileOf(api, sha256);
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const lock = await this.#lock(file, options.signal);
    try {
      const kept = await this.#read(file);
      if (kept) return { ...kept, sha256, uploads: 0 };
      const url = await uploadApp(api, { path, customId: `qg-${sha256.slice(0, 40)}`, ...options });
      const expiresAt = this.#clock() + lifeMs;
      await this.#write(file, { url, sha256, expiresAt });
      return { url, sha256, expiresAt, uploads: 1 };
    } finally {
      lock.unlock();
    }
  }

  /** BrowserStack does not have it any more. */
  async forget(api: StackApi, { url, sha256 }: Pick<UploadedApp, 'url' | 'sha256'>): Promise<void> {
    const file = this.#fileOf(api, sha256);
    // Another slot may have uploaded it anew.
    if ((await this.#read(file))?.url === url) await rm(file, { force: true });
  }

  async #lock(file: string, signal: AbortSignal): Promise<FileLock> {
    for (;;) {
      signal.throwIfAborted();
      const lock = this.#locks.tryLock(`browserstack:${file}`);
      if (lock) return lock;
      await sleep(lookMs, undefined, { signal });
    }
  }

  /** Undefined: it is not known, damaged, or too old. */
  async #read(file: string): Promise<{ url: string; expiresAt: number } | undefined> {
    try {
      const { app_url, expires_at } = Kept.parse(JSON.parse(await readFile(file, 'utf8')));
      const expiresAt = Date.parse(expires_at);
      return expiresAt > this.#clock() ? { url: app_url, expiresAt } : undefined;
    } catch {
      return undefined;
    }
  }

  async #write(
    file: string,
    { url, sha256, expiresAt }: { url: string; sha256: string; expiresAt: number },
  ): Promise<void> {
    const kept: z.infer<typeof Kept> = {
      app_url: url,
      sha256,
      uploaded_at: new Date(expiresAt - lifeMs).toISOString(),
      expires_at: new Date(expiresAt).toISOString(),
    };
    const own = `${file}.${randomUUID()}`;
    await writeFile(own, JSON.stringify(kept), { mode: 0o600 });
    await rename(own, file);
  }

  #fileOf = ({ base, username }: StackApi, sha256: string): string => {
    const key = createHash('sha256')
      .update(JSON.stringify([base, username, sha256]))
      .digest('hex');
    return join(this.#folder, `${key}.json`);
  };
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}
