import type { Command } from 'commander';
import type { Client } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { trustedEvents } from '../../protocol/github.ts';
import type { Org } from '../../protocol/shapes/admin.ts';
import { allPages } from '../all-pages.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { addConnection, collect, refuseArguments, splitCommas } from '../options.ts';
import { type BindingFlags, changeBindings, isChange } from '../orgs/change-bindings.ts';
import { bindingTable, orgTable, quotaTable } from '../orgs/org-tables.ts';
import { parseQuotas } from '../orgs/parse-quotas.ts';
import { print, printJson, say } from '../output/print.ts';

interface ListFlags extends ConnectionFlags {
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .description(
      'List and make orgs, bind repositories of GitHub to them, and limit what they may have. Without a command of its own it lists.',
    )
    .helpCommand(false);
  defineList(command.command('list', { isDefault: true }));
  defineCreate(command.command('create'));
  defineGithub(command.command('github'));
  defineQuotas(command.command('quotas'));
  defineUntrusted(command.command('untrusted'));
}

function defineList(command: Command): void {
  command
    .summary('list them; the default')
    .description('List the orgs (operator only).')
    .option('--json', 'print an array of Orgs')
    .allowExcessArguments();
  addConnection(command).action(async (flags: ListFlags) => {
    refuseArguments(command.args, () => '`qgjob orgs` knows list, create, github, quotas and untrusted');
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

function defineQuotas(command: Command): void {
  command
    .summary('how much an org may have at a time')
    .description('Show how much an org may have at a time; with --set change it (operator only).')
    .argument('<org>', 'the org')
    .option('--set <quota>', 'a quota and its limit: queued_jobs=5000, agents=none; may be repeated', collect)
    .option('--json', 'print the quotas');
  addConnection(command).action(showQuotas);
}

interface QuotaFlags extends ListFlags {
  readonly set?: readonly string[];
}

async function showQuotas(orgId: string, flags: QuotaFlags): Promise<void> {
  const quotas = parseQuotas(flags.set ?? []);
  const client = connect(flags);
  const org =
    flags.set === undefined
      ? await findOrg(client, orgId)
      : await client.call('patchOrg', { params: { id: orgId }, body: { quotas } });
  if (flags.json) return printJson(org.quotas);
  for (const line of quotaTable(org.quotas, process.stdout.columns)) print(line);
}

function defineUntrusted(command: Command): void {
  command
    .summary('where code of strangers may run')
    .description(
      'Show the targets on which workflows may run that need no write access to the repository (pull_request_target, issue_comment, workflow_run and the like); with --target set them, with --none let them run nowhere.',
    )
    .argument('<org>', 'the org')
    .option('--target <targets>', 'targets whose agents are for that, by commas: emulator/forks', collect)
    .option('--none', 'on none, which is the default')
    .option('--json', 'print an array of targets');
  addConnection(command).action(showUntrusted);
}

interface UntrustedFlags extends ListFlags {
  readonly target?: readonly string[];
  readonly none?: true;
}

async function showUntrusted(orgId: string, flags: UntrustedFlags): Promise<void> {
  const targets = flags.none ? [] : flags.target?.flatMap(splitCommas);
  const client = connect(flags);
  const org =
    targets === undefined
      ? await findOrg(client, orgId)
      : await client.call('patchOrg', { params: { id: orgId }, body: { untrusted_targets: targets } });
  if (flags.json) return printJson(org.untrusted_targets);
  for (const target of org.untrusted_targets) print(target);
  if (org.untrusted_targets.length === 0) say(`code of strangers runs on no target of org ${orgId}`);
}

/** Errors: `not_found`. */
async function findOrg(client: Client, orgId: string): Promise<Org> {
  const orgs = await allPages(async (query) => {
    const page = await client.call('listOrgs', { query });
    return { rows: page.orgs, next: page.next_cursor };
  });
  const org = orgs.find((one) => one.org_id === orgId);
  if (org) return org;
  throw new QgjobError('not_found', `no org ${orgId}`);
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
