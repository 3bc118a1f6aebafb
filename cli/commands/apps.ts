import type { Command } from 'commander';
import type { Client } from '../../client/index.ts';
import { limits } from '../../protocol/limits.ts';
import { appTable, describeAppVersion } from '../apps/app-table.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { addConnection, refuseArguments, wholeNumber } from '../options.ts';
import { print, printJson } from '../output/print.ts';
import { showView } from '../watch/show-view.ts';
import type { View } from '../watch/view.ts';
import { addWatch, type WatchFlags } from '../watch/watch-flags.ts';

interface Flags extends ConnectionFlags {
  readonly orgId?: string;
  readonly json?: true;
}

interface UploadFlags extends Flags {
  readonly appVersionId?: string;
}

interface ListFlags extends Flags, WatchFlags {
  readonly limit: number;
}

export function define(command: Command, done: (exitCode: number) => void): void {
  command
    .description(
      'Upload builds of apps, list and show them. Without a command of its own it lists app versions.',
    )
    .helpCommand(false);
  defineUpload(command.command('upload'));
  defineList(command.command('list', { isDefault: true }), done);
  defineShow(command.command('show'));
}

const ofOrg = 'the org; by default the one that the token belongs to';

function defineUpload(command: Command): void {
  command
    .summary('upload a build, once by its content')
    .description(
      'Upload the build of an app (APK, App Bundle or IPA) and print its app version. What the org has already is not sent again.',
    )
    .argument('<file>', 'the build')
    .option('--app-version-id <id>', 'its version (default <commit>-<12 digits of its sha256>)')
    .option('--org-id <id>', ofOrg)
    .option('--json', 'print the AppVersion');
  addConnection(command).action(async (file: string, flags: UploadFlags) => {
    // Only this way of the command needs git and a reader of zips.
    const { nameApp, sendNamedApp } = await import('../submit/send-app.ts');
    const named = await nameApp(file, flags.appVersionId);
    const appVersion = await sendNamedApp(connect(flags), named, flags.orgId);
    if (flags.json) printJson(appVersion);
    else print(appVersion.app_version_id);
  });
}

function defineList(command: Command, done: (exitCode: number) => void): void {
  command
    .summary('list app versions, newest first; the default')
    .description('List the registered app versions, newest first.')
    .option('--org-id <id>', ofOrg)
    .option('--limit <number>', 'at most so many', wholeNumber, limits.pageSize)
    .option('--json', 'print an array of AppVersions')
    .allowExcessArguments();
  addConnection(addWatch(command)).action(async (flags: ListFlags) => {
    refuseArguments(command.args, () => '`qgjob apps` knows upload, list and show');
    done(await showView(connect(flags), flags, (client) => readList(client, flags)));
  });
}

async function readList(client: Client, { orgId, limit }: ListFlags): Promise<View> {
  const query = { org_id: orgId, limit };
  const { app_versions: apps, next_cursor: next } = await client.call('listAppVersions', { query });
  const more = next === null ? [] : [`only the newest ${apps.length} are shown, see --limit`];
  return {
    json: apps,
    lines: (width) => appTable(apps, width),
    notes: apps.length === 0 ? ['no app versions'] : more,
  };
}

function defineShow(command: Command): void {
  command
    .summary('what is known of an app version')
    .description('Show what is known of an app version, and whether the server has its file.')
    .argument('<id>', 'an app version')
    .option('--org-id <id>', ofOrg)
    .option('--json', 'print the AppVersion');
  addConnection(command).action(async (id: string, flags: Flags) => {
    const query = { org_id: flags.orgId };
    const appVersion = await connect(flags).call('getAppVersion', { params: { id }, query });
    if (flags.json) printJson(appVersion);
    else for (const line of describeAppVersion(appVersion)) print(line);
  });
}
