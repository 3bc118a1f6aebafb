import { readParts } from './decode-report.ts';
import { openReport } from './open-report.ts';
import { JsonShrinker } from './shrink-json.ts';

/** `broken` says in words why what is there cannot be read. */
export type JsonFile = { readonly json: unknown } | { readonly missing: true } | { readonly broken: string };

/** Reads a JSON report of any size part by part, without the output and the files in it. */
export async function readJsonFile(path: string): Promise<JsonFile> {
  const opened = await openReport(path);
  if (!('file' in opened)) return opened;
  const shrinker = new JsonShrinker();
  const decoder = new TextDecoder();
  try {
    for await (const part of readParts(opened.file)) shrinker.write(decoder.decode(part, { stream: true }));
    shrinker.write(decoder.decode());
    return { json: JSON.parse(shrinker.end()) };
  } catch (error) {
    // What the parser says quotes the text; that it is no whole JSON is all there is to know.
    return {
      broken: error instanceof SyntaxError ? 'it is not whole, or no JSON' : (error as Error).message,
    };
  } finally {
    await opened.file.close();
  }
}
