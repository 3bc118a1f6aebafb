import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Groups of processes that the kernel keeps (cgroup v2). What a process starts stays in its group, whatever session or
 * environment it gives itself, and one write ends them all.
 */
export class Cgroups {
  readonly #parent: string;
  readonly #prefix: string;

  private constructor(parent: string, prefix: string) {
    this.#parent = parent;
    this.#prefix = prefix;
  }

  /** Undefined where this process may not make groups below its own. `prefix`: of the names, alike for each start. */
  static async open(prefix: string): Promise<Cgroups | undefined> {
    const parent = await ownCgroup().catch(() => undefined);
    if (parent === undefined) return undefined;
    const groups = new Cgroups(parent, prefix);
    return (await groups.#works()) ? groups : undefined;
  }

  /** A new, empty group: its folder. A pid that is written to its `cgroup.procs` is in it. */
  async make(): Promise<string> {
    const group = join(this.#parent, `${this.#prefix}${process.pid}-${randomUUID()}`);
    await mkdir(group);
    return group;
  }

  /** Ends the groups of earlier starts, by the pids in their names. */
  async endLeft(isOver: (pid: number) => boolean): Promise<void> {
    for (const name of await readdir(this.#parent).catch(() => [])) {
      const [, pid] = /^(\d+)-/.exec(name.slice(this.#prefix.length)) ?? [];
      if (name.startsWith(this.#prefix) && pid !== undefined && isOver(Number(pid)))
        await endGroup(join(this.#parent, name));
    }
  }

  /** Tried out, since more than the rights of the folder decides. */
  async #works(): Promise<boolean> {
    const group = await this.make().catch(() => undefined);
    if (group === undefined) return false;
    try {
      await run('/bin/sh', ['-c', joinGroup, 'sh', group]);
      return existsSync(join(group, 'cgroup.kill'));
    } catch {
      return false;
    } finally {
      await endGroup(group);
    }
  }
}

const joinGroup = 'echo "$$" > "$1/cgroup.procs"';

const tries = 200;
const betweenMs = 10;

/** Ends all processes of a group, waits until they are gone and removes it. One that is gone, or none, is no error. */
export async function endGroup(group: string | undefined): Promise<void> {
  if (group === undefined) return;
  await writeFile(join(group, 'cgroup.kill'), '1').catch(() => undefined);
  for (let left = tries; left > 0 && existsSync(group); left -= 1) {
    await removeWithInner(group);
    if (existsSync(group)) await sleep(betweenMs);
  }
}

/** A test that may make groups may have made some inside of its own. Fails while processes are in it. */
async function removeWithInner(group: string): Promise<void> {
  const entries = await readdir(group, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeWithInner(join(group, entry.name));
  await rmdir(group).catch(() => undefined);
}

/** The folder of the group that this process is in. */
async function ownCgroup(): Promise<string | undefined> {
  const [, path] = /^0::(.*)$/m.exec(await readFile('/proc/self/cgroup', 'utf8')) ?? [];
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  // The mount point is the 5th field; the kind of file system comes after a dash.
  const mount = mounts.split('\n').find((line) => / - cgroup2 /.test(line));
  const [, , , , point] = mount?.split(' ') ?? [];
  return path === undefined || point === undefined ? undefined : join(point, path);
}
