import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { DeviceInstall, NextLease } from './device.ts';

const KeptFile = z.record(z.string(), z.string());
/** It becomes a word of a shell. */
const namePattern = /^\w[\w.-]{0,254}$/;

/** How apps are removed from a device. */
export interface PackageStore {
  /** Best effort. Never throws. */
  uninstall(packageName: string): Promise<void>;
  /** Undefined: the device does not say. */
  has(packageName: string): Promise<boolean | undefined>;
  /** Words that each install of it changes. Undefined: it is not there, or the device does not say. */
  installOf(packageName: string): Promise<string | undefined>;
}

/**
 * The apps that this agent has put on a device, and for which org: kept in a file, so that a later start can remove them
 * too. Other apps of it are not its own and stay.
 */
export class OwnPackages {
  readonly #store: PackageStore;
  readonly #folder: string;
  readonly #path: string;
  #known: Promise<Map<string, string>> | undefined;
  #org: string | undefined;
  /** The install that was the last one; undefined: there was none, or nothing is known of it. */
  #last: { readonly name: string; readonly install: string } | undefined;

  /** In a file of `folder`; `key` names the device. */
  constructor(store: PackageStore, folder: string, key: string) {
    this.#store = store;
    this.#folder = folder;
    const name = createHash('sha256').update(key).digest('hex').slice(0, 32);
    this.#path = join(this.#folder, `${name}.json`);
  }

  /** Before the install of a package: a process that is killed in the middle of it must not forget it. */
  async note(packageName = ''): Promise<void> {
    if (!namePattern.test(packageName)) return;
    const known = await this.#read();
    if (known.get(packageName) === this.#org) return;
    known.set(packageName, this.#org ?? '');
    await this.#write(known);
  }

  /** Installs a package, and keeps how the device names that install. */
  async install(packageName = '', work: () => Promise<DeviceInstall>): Promise<DeviceInstall> {
    this.#last = undefined;
    await this.note(packageName);
    const end = await work();
    const install = end.ok ? await this.#installOf(packageName) : undefined;
    this.#last = install === undefined ? undefined : { name: packageName, install };
    return end;
  }

  /**
   * Whether that very install is still there: a test may have removed the app, or put another version in its place. False
   * where that cannot be told: one install too many costs less than a test of another build.
   */
  async hasLast(): Promise<boolean> {
    return this.#last !== undefined && (await this.#installOf(this.#last.name)) === this.#last.install;
  }

  /** Whether it is there, whoever installed it. Undefined: the device does not say. */
  async has(packageName = ''): Promise<boolean | undefined> {
    return namePattern.test(packageName) ? this.#store.has(packageName) : undefined;
  }

  /** Removes the packages of other orgs, or all of them. Throws, with words, where one stays. */
  async reset({ orgId, all = false }: NextLease): Promise<void> {
    this.#org = orgId;
    const known = await this.#read();
    const others = [...known].filter(([, org]) => all || org !== orgId).map(([name]) => name);
    if (others.length === 0) return;
    const stay: string[] = [];
    for (const name of others) {
      await this.#store.uninstall(name);
      if ((await this.#store.has(name)) === false) known.delete(name);
      else stay.push(name);
    }
    await this.#write(known);
    if (stay.length > 0) throw new Error(stay.join(', '));
  }

  /** The device is no more. */
  async forget(): Promise<void> {
    this.#known = undefined;
    await rm(this.#path, { force: true });
  }

  async #installOf(packageName: string): Promise<string | undefined> {
    if (!namePattern.test(packageName)) return undefined;
    return this.#store.installOf(packageName).catch(() => undefined);
  }

  /** A file that cannot be read knows of none. */
  #read(): Promise<Map<string, string>> {
    this.#known ??= readFile(this.#path, 'utf8')
      .then((text) => new Map(Object.entries(KeptFile.parse(JSON.parse(text)))))
      .catch(() => new Map());
    return this.#known;
  }

  async #write(known: ReadonlyMap<string, string>): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const fresh = `${this.#path}.${randomUUID()}`;
    await writeFile(fresh, JSON.stringify(Object.fromEntries(known)), { mode: 0o600 });
    await rename(fresh, this.#path);
  }
}
