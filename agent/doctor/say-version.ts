import { execFile } from 'node:child_process';

const limitMs = 20_000;

/** The first line that a program says of itself; undefined: it is not there, or fails. */
export const sayVersion = (
  env: Readonly<Record<string, string>>,
  program: string,
  words: readonly string[],
): Promise<string | undefined> =>
  new Promise((resolve) => {
    execFile(program, words, { env, timeout: limitMs }, (error, stdout, stderr) => {
      const line = `${stdout}\n${stderr}`
        .split(/\r?\n/)
        .map((one) => one.trim())
        .find(Boolean);
      resolve(error === null ? (line ?? '') : undefined);
    });
  });
