import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runProgram } from './own-server.ts';

/**
 * The path of a program in one of these folders or the PATH. If it is missing and this process runs as root, its Debian
 * package is installed. Throws if it is missing otherwise; the message names the package.
 */
export function findProgram(name: string, debianPackage: string, folders: () => readonly string[]): string {
  const find = (): string | undefined =>
    [...folders(), ...(process.env.PATH ?? '').split(delimiter)]
      .map((folder) => join(folder, name))
      .find((path) => existsSync(path));
  const found = find();
  if (found) return found;
  if (process.getuid?.() !== 0) {
    throw new Error(
      `${name} is missing: install the package ${debianPackage} (apt-get install ${debianPackage})`,
    );
  }
  console.error(`${name} is missing: installing the package ${debianPackage}`);
  install(debianPackage);
  const installed = find();
  if (!installed) throw new Error(`the package ${debianPackage} brought no ${name}`);
  return installed;
}

/** With RUNLEVEL=1 the package starts no server of its own, which would use the machine during the bench. */
function install(debianPackage: string): void {
  runProgram('apt-get', ['update', '-qq']);
  runProgram('env', [
    'DEBIAN_FRONTEND=noninteractive',
    'RUNLEVEL=1',
    'apt-get',
    'install',
    '-y',
    '-qq',
    '--no-install-recommends',
    debianPackage,
  ]);
}
