import type { Client } from '../../client/index.ts';
import { exitCodes } from '../../protocol/exit-codes.ts';
import { print, printJson, say } from '../output/print.ts';
import type { View } from './view.ts';
import { intervalOf, type WatchFlags } from './watch-flags.ts';

type Read = (client: Client) => Promise<View>;

/** Shows what is read: once, or with `--watch` until Ctrl-C. Resolves to the exit code. Errors: those of `read`. */
export async function showView(client: Client, flags: WatchFlags, read: Read): Promise<number> {
  const everyMs = intervalOf(flags);
  if (everyMs === undefined) {
    printView(await read(client), flags.json);
    return exitCodes.success;
  }
  const { watchView } = await import('./watch-view.ts');
  return watchView(client, read, { everyMs, json: flags.json ?? false });
}

export function printView(view: View, json: true | undefined): void {
  const { lines, notes = [], warnings = [] } = view;
  if (json) printJson(view.json);
  else for (const line of lines(process.stdout.columns)) print(line);
  for (const line of json ? warnings : [...notes, ...warnings]) say(line);
}
