import { type Command, Option } from 'commander';
import { QgjobError } from '../../protocol/errors.ts';
import { type Scope, scopes } from '../../protocol/states.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { addConnection, collect, refuseArguments, splitCommas, wholeNumber } from '../options.ts';
import { print, printJson, say } from '../output/print.ts';
import { defineRecover } from '../tokens/define-recover.ts';
import { defineRotate } from '../tokens/define-rotate.ts';
import { listTokens } from '../tokens/list-tokens.ts';
import { atDay, tokenTable } from '../tokens/token-table.ts';

interface CreateFlags extends ConnectionFlags {
  readonly name: string;
  readonly orgId?: string;
  readonly scopes?: readonly string[];
  readonly shared?: true;
  readonly agentNames?: string;
  readonly agentTargets?: readonly string[];
  readonly expiresInDays?: number;
  readonly json?: true;
}

interface ListFlags extends ConnectionFlags {
  readonly orgId?: string;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .description(
      'Make, list, replace and revoke tokens, or recover the one of the operator. Without a command of its own it lists them.',
    )
    .helpCommand(false);
  defineCreate(command.command('create'));
  defineList(command.command('list', { isDefault: true }));
  defineRotate(command.command('rotate'));
  defineRevoke(command.command('revoke'));
  defineRecover(command.command('recover'));
}

function defineCreate(command: Command): void {
  command
    .summary('make a token; it is shown once')
    .description(
      'Make a token and print it, alone on stdout, so that it can go into a file or a secret store. The server keeps no copy.',
    )
    .requiredOption('--name <name>', 'what it is for, as the list shows it')
    .option('--org-id <id>', 'its org; an admin makes tokens of the own org')
    .option('--scopes <scopes>', `what it may do: ${scopes.join(', ')}; several by commas`, collect)
    .option('--shared', 'for agents that serve all orgs (operator only); its scope is agent')
    .option('--agent-names <pattern>', 'the agents that may use it: rack-1, rack-*; else the first that does')
    .option(
      '--agent-targets <targets>',
      'the targets that its agents may offer, by commas: emulator/forks, device/*; else all',
      collect,
    )
    .option(
      '--expires-in-days <number>',
      'how long it is good, within the time of the token that makes it',
      wholeNumber,
      90,
    )
    .addOption(new Option('--json', 'print the answer of the server'));
  addConnection(command).action(createToken);
}

async function createToken(flags: CreateFlags): Promise<void> {
  const made = await connect(flags).call('createToken', {
    body: {
      name: flags.name,
      scopes: scopesOf(flags),
      expires_in_days: flags.expiresInDays,
      ...(flags.orgId !== undefined && { org_id: flags.orgId }),
      ...(flags.shared && { shared: true }),
      ...(flags.agentNames !== undefined && { agent_names: flags.agentNames }),
      ...(flags.agentTargets && { agent_targets: flags.agentTargets.flatMap(splitCommas) }),
    },
  });
  if (flags.json) return printJson(made);
  print(made.token);
  const whose = made.org_id === null ? 'shared' : `of org ${made.org_id}`;
  const until = made.expires_at === null ? '' : `, until ${atDay(made.expires_at)}`;
  say(`token ${made.token_id}, ${whose}, ${made.scopes.join(', ')}${until}; it is not shown again`);
}

/** Errors: `invalid`. */
function scopesOf({ scopes: given = [], shared }: CreateFlags): Scope[] {
  const named = given.flatMap(splitCommas);
  if (named.length === 0 && shared) return ['agent'];
  if (named.length === 0)
    throw new QgjobError('invalid', `--scopes: name at least one of ${scopes.join(', ')}`);
  const unknown = named.find((name) => !(scopes as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw new QgjobError('invalid', `--scopes: "${unknown}" is none of ${scopes.join(', ')}`);
  return named as Scope[];
}

function defineList(command: Command): void {
  command
    .summary('list them, without their secrets; the default')
    .description('List the tokens that are not revoked.')
    .option('--org-id <id>', 'of this org')
    .option('--json', 'print an array of Tokens')
    .allowExcessArguments();
  addConnection(command).action(async (flags: ListFlags) => {
    refuseArguments(command.args, () => '`qgjob tokens` knows create, list, rotate, revoke and recover');
    const tokens = await listTokens(connect(flags), flags.orgId);
    if (flags.json) return printJson(tokens);
    for (const line of tokenTable(tokens, process.stdout.columns)) print(line);
    if (tokens.length === 0) say('no tokens');
  });
}

function defineRevoke(command: Command): void {
  command
    .summary('make tokens useless, at once')
    .description(
      'Revoke tokens, by their ids, and all that were made by them. Calls that wait with one of them, streams, downloads and the leases of their agents end too. Prints the ids.',
    )
    .argument('<ids...>', 'ids, as `qgjob tokens list` shows them')
    .option('--json', 'print {"token_id"} of each, one JSON object a line');
  addConnection(command).action(async (ids: string[], flags: ConnectionFlags & { readonly json?: true }) => {
    const client = connect(flags);
    for (const id of ids.flatMap(splitCommas)) {
      await client.call('deleteToken', { params: { id } });
      if (flags.json) printJson({ token_id: id });
      else print(id);
    }
  });
}
