import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

type Variables = Readonly<Record<string, string>>;

/** The folders of the Android SDK, by its own variables. */
export const sdkFolders = ({ ANDROID_HOME, ANDROID_SDK_ROOT }: Variables): string[] =>
  [ANDROID_HOME, ANDROID_SDK_ROOT].filter((folder) => folder !== undefined && folder !== '') as string[];

/** A program on the PATH, or else in one of these folders; undefined: there is none. */
export function findTool(env: Variables, name: string, folders: readonly string[] = []): string | undefined {
  const all = [...(env.PATH ?? '').split(delimiter).filter(Boolean), ...folders];
  return all.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return existsSync(path) && statSync(path).isFile();
  } catch {
    return false;
  }
}
