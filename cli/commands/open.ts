import type { Command } from 'commander';
import { type ConnectionFlags, findConnection } from '../config.ts';
import { connectTo } from '../connect.ts';
import { addIdFlags, type IdFlags, readOneId } from '../ids.ts';
import { openBrowser } from '../open/open-browser.ts';
import { addConnection } from '../options.ts';
import { print, printJson, say } from '../output/print.ts';
import { placeOf } from '../whoami/describe-whoami.ts';

interface Flags extends ConnectionFlags, IdFlags {
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .description(
      'Print the address of a run or a job on the dashboard and, on a terminal, open it in a browser (BROWSER, else that of the system).',
    )
    .argument('[id]', 'a run or a job')
    .option('--json', 'print {"url"} and open nothing');
  addConnection(addIdFlags(command)).action(async (given: string | undefined, flags: Flags) => {
    const { id, kind } = readOneId(given === undefined ? [] : [given], flags);
    const found = findConnection(flags);
    const client = connectTo(found);
    // An id that the server does not know would open a page that says so.
    await client.call(kind === 'run' ? 'getRun' : 'getJob', { params: { id } });
    const url = `${client.url}/ui/${kind}s/${encodeURIComponent(id)}`;
    if (flags.json) return printJson({ url });
    print(url);
    if (!process.stdout.isTTY) return;
    say(`qgjob: the page asks for a token once: yours is in ${placeOf(found.tokenFrom)}`);
    if (!(await openBrowser(url))) say('no browser could be started here: open the address yourself');
  });
}
