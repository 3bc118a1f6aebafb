import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type * as z from 'zod';
import { QgjobError } from '../protocol/errors.ts';
import { namePattern } from '../protocol/ids.ts';
import { issueWords } from '../protocol/issue-words.ts';
import { baseEnv } from './children/child-env.ts';
import { AgentFile, type DeviceEntry, type FrameworkSettings } from './config-shape.ts';
import { readAccess, type StackAccess, secretsOf } from './devices/browserstack/access.ts';
import type { IsolationName } from './isolation/isolation.ts';
import { collectSecrets } from './logs/secrets.ts';

const defaultFile = 'qgjob.agent.json';

export interface ConfigFlags {
  /** Path of the file. One that is named must exist. */
  readonly config?: string | undefined;
  readonly name?: string | undefined;
  readonly token: string;
  /** Files with tokens. */
  readonly tokenFiles?: readonly string[] | undefined;
  /** The data folder of a server on this host. */
  readonly serverFolder?: string | undefined;
  /** Take 2 simulated devices of each target whatever the file's devices say (`qgjob dev`). */
  readonly simulated?: boolean | undefined;
}

/** The agent's settings, read once. */
export interface AgentConfig {
  readonly name: string;
  /** Absolute. */
  readonly settingsFile: string;
  /** False: it is not there, and all is by default. */
  readonly hasFile: boolean;
  /** Absolute. */
  readonly workspace: string;
  /** Absolute; made when first needed. */
  readonly dataDir: string;
  /** Whether the workspace may differ from the commit that a run asks for. */
  readonly allowDirty: boolean;
  /** Whether runs may bring their own code. */
  readonly bundles: boolean;
  /** Patterns of the repositories that runs may name. */
  readonly repositories: readonly string[];
  /** The set-up of a bundle as the settings say it; [] for none, undefined for that of its lock file. */
  readonly setUp: readonly string[] | undefined;
  readonly isolation: IsolationSettings;
  /** `own`: each source has a network of its own. */
  readonly network: 'host' | 'own';
  /** Programs of this host that run around each lease. */
  readonly hooks: AgentFile['hooks'];
  /** Where the agent says how it is; undefined: nowhere. */
  readonly healthPort: number | undefined;
  readonly devices: readonly DeviceEntry[];
  /** Where spans are sent; undefined: nothing is traced. */
  readonly otlpEndpoint?: string | undefined;
  readonly frameworks: FrameworkSettings;
  readonly browserstack: StackAccess;
  /** The environment that every child starts from. */
  readonly childEnv: Readonly<Record<string, string>>;
  /** Values that must not leave the host. */
  readonly secrets: readonly string[];
  /** Files with the agent's token that are not its own; absolute paths. */
  readonly tokenFiles: readonly string[];
  /** The data folder of a server on this host, where the agent knows it; absolute. */
  readonly serverFolder: string | undefined;
}

/** What keeps tests apart, as the settings say it. */
export interface IsolationSettings {
  readonly name: IsolationName;
  readonly user: string | undefined;
  /** Absolute paths. */
  readonly visible: readonly string[];
  readonly image: string | undefined;
  readonly engine: 'docker' | 'podman';
}

export type Variables = Readonly<Record<string, string | undefined>>;

export const hostVariables = (): Variables => process.env;

/** Reads `qgjob.agent.json`. Errors: `invalid`, one line that names the file and the key. */
export function readConfig(
  flags: ConfigFlags,
  cwd = process.cwd(),
  host: Variables = process.env,
): AgentConfig {
  const path = resolve(cwd, flags.config ?? defaultFile);
  const file = readAgentFile(path, flags.config !== undefined);
  const base = dirname(path);
  const workspace = resolve(base, file.sources.workspace);
  if (!existsSync(workspace)) throw invalid(path, `sources.workspace: there is no folder ${workspace}`);
  const name = flags.name === undefined ? (file.name ?? hostName()) : checkedName(flags.name);
  const browserstack = accessIn(host, file.devices);
  const dataDir = join(base, '.qgjob', 'agent');
  return Object.freeze({
    name,
    settingsFile: path,
    hasFile: existsSync(path),
    workspace,
    dataDir,
    allowDirty: file.dirty,
    bundles: file.sources.bundle,
    repositories: file.sources.git.allow,
    setUp: file.setup,
    isolation: {
      name: file.isolation,
      user: file.isolation_user,
      visible: file.isolation_visible,
      image: file.isolation_image,
      engine: file.isolation_engine,
    },
    network: file.network,
    hooks: file.hooks,
    healthPort: file.health_port,
    otlpEndpoint: host.QGJOB_OTLP_ENDPOINT,
    devices: flags.simulated ? AgentFile.parse({}).devices : file.devices,
    frameworks: file.frameworks,
    browserstack,
    childEnv: baseEnv(host, file.env, flags.token),
    secrets: [...collectSecrets(host, file.redact, flags.token), ...secretsOf(browserstack)],
    tokenFiles: (flags.tokenFiles ?? []).map((file) => resolve(cwd, file)),
    serverFolder: flags.serverFolder && resolve(cwd, flags.serverFolder),
  });
}

/** Where an agent keeps the token that it has made for itself. */
export const ownTokenFile = ({ dataDir, name }: Pick<AgentConfig, 'dataDir' | 'name'>): string =>
  join(dataDir, name, 'token.json');

type TokenPlaces = Pick<AgentConfig, 'dataDir' | 'name' | 'tokenFiles' | 'serverFolder'>;

/** All files with tokens that this agent knows of. They may not be there. */
export const tokenFilesOf = (config: TokenPlaces): string[] => [
  ...[ownTokenFile(config), ...config.tokenFiles],
  ...(config.serverFolder === undefined ? [] : [join(config.serverFolder, 'admin.token')]),
];

/** The same settings for an agent with this token, which it has got by the one that they were read with. */
export const withOwnToken = (config: AgentConfig, token: string): AgentConfig => ({
  ...config,
  childEnv: Object.fromEntries(Object.entries(config.childEnv).filter(([, value]) => !value.includes(token))),
  secrets: [...config.secrets, token],
});

/** Without a device of it the account is no matter of this agent. */
const accessIn = (host: Variables, devices: readonly DeviceEntry[]): StackAccess =>
  readAccess(devices.some(({ driver }) => driver === 'browserstack') ? host : {});

function readAgentFile(path: string, named: boolean): AgentFile {
  if (!existsSync(path)) {
    if (named)
      throw new QgjobError('invalid', `there is no file ${path}; --config names the agent's settings`);
    return AgentFile.parse({});
  }
  const raw = parseJson(path);
  const parsed = AgentFile.safeParse(raw, { error: issueWords });
  if (parsed.success) return parsed.data;
  throw invalid(path, describeIssue(parsed.error.issues[0]));
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw invalid(path, `not JSON: ${(error as Error).message}`);
  }
}

/** `devices[0].count: must be at least 1`, one line. */
function describeIssue(issue: z.core.$ZodIssue | undefined): string {
  const where = (issue?.path ?? [])
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
  return where === '' ? `${issue?.message}` : `${where}: ${issue?.message}`;
}

const invalid = (path: string, what: string) =>
  new QgjobError('invalid', `${path}: ${what.replaceAll('\n', ' ')}`);

function checkedName(name: string): string {
  if (namePattern.test(name)) return name;
  throw new QgjobError(
    'invalid',
    `--name "${name}" is not allowed: 1 to 128 letters, digits or . _ @ + : -, and a letter or digit first`,
  );
}

/** The host's name, made to fit what a name may be. */
function hostName(): string {
  const name = hostname()
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 128);
  return name || 'agent';
}
