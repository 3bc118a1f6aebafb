import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Agent } from '../agent.ts';
import { isAlive } from '../children/is-alive.ts';
import { type Entry, entrySuffix, spoolFolder } from './entry.ts';
import { readEntry } from './read-entry.ts';
import { halfSuffix } from './write-entry.ts';

/**
 * The verdicts that earlier processes of this agent could not deliver to this server. A file that is no such thing is
 * set aside under another name, with a line that says so; halves of processes that died while they wrote are removed.
 */
export async function readSpool({
  client,
  config,
  say,
}: Pick<Agent, 'client' | 'config' | 'say'>): Promise<Entry[]> {
  const folder = spoolFolder(config);
  const names = (await readdir(folder).catch(() => [])).sort();
  await removeHalves(folder, names);
  const entries: Entry[] = [];
  for (const name of names.filter((one) => one.endsWith(entrySuffix))) {
    const path = join(folder, name);
    const entry = await readEntry(path);
    if (entry === undefined) continue;
    if ('damaged' in entry) say(await setAside(path, entry.damaged));
    else if (entry.server === client.url) entries.push(entry);
    else say(`${path} holds a verdict for ${entry.server} and stays; this agent works for ${client.url}`);
  }
  return entries;
}

async function setAside(path: string, why: string): Promise<string> {
  try {
    await rename(path, `${path}.damaged`);
    return `${path} holds no verdict (${why}); it is set aside as ${path}.damaged`;
  } catch (error) {
    // Another process of this name was quicker; or it stays where it is, and harms nobody.
    return `${path} holds no verdict (${why}) and stays: ${(error as Error).message}`;
  }
}

/** Those of a process that still runs are on their way. */
async function removeHalves(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const [, pid] = halfSuffix.exec(name) ?? [];
    if (pid === undefined || (Number(pid) !== process.pid && isAlive(Number(pid)))) continue;
    await rm(join(folder, name), { force: true }).catch(() => undefined);
  }
}
