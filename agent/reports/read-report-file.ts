import { readFile, stat } from 'node:fs/promises';

export type ReportFile =
  | { readonly text: string }
  | { readonly missing: true }
  | { readonly tooLarge: number };

/** A report of a test, which may be any bytes of any size. Sizes in bytes. */
export async function readReportFile(path: string, maxBytes: number): Promise<ReportFile> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return { missing: true };
  if (found.size > maxBytes) return { tooLarge: found.size };
  return { text: await readFile(path, 'utf8') };
}
