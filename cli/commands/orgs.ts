import type { Command } from 'commander';
import { trustedEvents } from '../../protocol/github.ts';
import { allPages } from '../all-pages.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { addConnection, collect, refuseArguments } from '../options.ts';
import { type BindingFlags, changeBindings, isChange } from '../orgs/change-bindings.ts';
import { bindingTable, orgTable } from '../orgs/org-tables.ts';
import { print, printJson, say } from '../output/print.ts';

interface ListFlags extends ConnectionFlags {
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .description(
      'List and make orgs, and bind repositories of GitHub to them. Without a command of its own it lists.',
    )
    .helpCommand(false);
  defineList(command.command('list', { isDefault: true }));
  defineCreate(command.command('create'));
  defineGithub(command.command('github'));
}

function defineList(command: Command): void {
  command
    .summary('list them; the default')
    .description('List the orgs (operator only).')
    .option('--json', 'print an array of Orgs')
    .allowExcessArguments();
  addConnection(command).action(async (flags: ListFlags) => {
    refuseArguments(command.args, () => '`qgjob orgs` knows list, create and github');
    const client = connect(flags);
    const orgs = await allPages(async (query) => {
      const page = await client.call('listOrgs', { query });
      return { rows: page.orgs, next: page.next_cursor };
    });
    if (flags.json) return printJson(orgs);
    for (const line of orgTable(orgs, process.stdout.columns)) print(line);
    if (orgs.length === 0) say('no orgs');
  });
}

function defineCreate(command: Command): void {
  command
    .summary('make an org')
    .description('Make an org (operator only). Prints its name.')
    .argument('<org>', 'its name')
    .option('--json', 'print the Org');
  addConnection(command).action(async (orgId: string, flags: ListFlags) => {
    const org = await connect(flags).call('createOrg', { body: { org_id: orgId } });
    if (flags.json) printJson(org);
    else print(org.org_id);
  });
}

function defineGithub(command: Command): void {
  command
    .summary('whose workflows may sign in by GitHub')
    .description(
      "List the repositories of GitHub whose workflows get a token of the org by OIDC, without a secret; with --owner-id bind one, in the place of that repository's earlier binding (operator only).",
    )
    .argument('<org>', 'the org')
    .option('--owner-id <id>', "GitHub's numeric id of the owner")
    .option('--repository-id <id>', "GitHub's numeric id of the repository; else all of the owner")
    .option('--event <events>', `events that may, by commas; else ${trustedEvents.join(', ')}`, collect)
    .option('--ref <refs>', 'whole refs that may, by commas, * for any characters; else all', collect)
    .option('--scope <scopes>', 'what their token may do: submit or read; else submit', collect)
    .option('--remove', 'unbind it; its tokens end at once')
    .option('--json', 'print an array of bindings');
  addConnection(command).action(github);
}

async function github(orgId: string, flags: BindingFlags & ListFlags): Promise<void> {
  const change = isChange(flags);
  const client = connect(flags);
  const params = { id: orgId };
  const { bindings: before } = await client.call('listGithub', { params });
  const { bindings } = change
    ? await client.call('setGithub', { params, body: changeBindings(before, flags) })
    : { bindings: before };
  if (flags.json) return printJson(bindings);
  for (const line of bindingTable(bindings, process.stdout.columns)) print(line);
  if (bindings.length === 0) say(`no repository is bound to org ${orgId}`);
}
