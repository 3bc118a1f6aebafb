import * as z from 'zod';
import { isBlockedPort } from '../protocol/blocked-ports.ts';
import { QgjobError } from '../protocol/errors.ts';
import { submitDefaults } from '../protocol/limits.ts';
import { isTarget, unknownTarget } from '../protocol/targets.ts';
import { blobSettings, checkBlobSettings } from './blob-settings.ts';
import { checkSharing, databaseSettings } from './database-settings.ts';
import { gateSettings } from './gate-settings.ts';
import { outboundSettings } from './outbound-settings.ts';
import { whole } from './setting-shapes.ts';

const isOrigin = (text: string): boolean => URL.parse(text)?.origin === text && /^https?:/.test(text);

/** An address with which links can begin: an origin, or an origin and the path below which a proxy serves the API. */
function isBase(text: string): boolean {
  const url = URL.parse(text);
  return (
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    `${url.origin}${url.pathname.replace(/\/+$/, '')}` === text &&
    !url.pathname.includes('//') &&
    !isBlockedPort(Number(url.port))
  );
}

/** Keys that come over plain http could be anybody's; on this machine nobody is between. */
function isIssuer(text: string): boolean {
  const url = URL.parse(text);
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  return isSafe && `${url.origin}${url.pathname.replace(/\/+$/, '')}` === text;
}

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);

const origins = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter(Boolean))
  .refine((list) => list.every(isOrigin), 'give origins like https://ci.example.com, comma-separated');

/**
 * All settings of the server, with defaults, limits and descriptions. The names of flags and variables come from the
 * keys.
 */
export const settingShapes = {
  host: z.string().default('127.0.0.1').describe('Address to listen on'),
  port: whole(0, 65_535)
    .refine((port) => !isBlockedPort(port), 'browsers and fetch refuse to call this port; choose another')
    .default(8080)
    .describe('Port to listen on; 0 takes a free one'),
  data_dir: z
    .string()
    .default('.qgjob')
    .describe('Folder of the database, logs, server.json and admin.token'),
  ...databaseSettings,
  public_url: z
    .string()
    .transform((text) => text.replace(/\/+$/, ''))
    .refine(isBase, 'give an address like https://qgjob.example.com or https://ci.example.com/qgjob')
    .optional()
    .describe(
      'Address that links begin with, with the path below which a proxy serves it, if any; without it, the address listened on',
    ),
  oidc_issuer: z
    .string()
    .refine(
      isIssuer,
      'give the address of an OIDC issuer without a / at its end, by https: https://ghes.example.com/_services/token',
    )
    .default('https://token.actions.githubusercontent.com')
    .describe(
      "Issuer of the OIDC tokens by which workflows sign in: GitHub's; of GitHub Enterprise Server `https://HOST/_services/token`",
    ),
  allowed_origins: origins.optional().describe('Origins, comma-separated, whose pages may call the API'),
  log_level: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least level logged: trace, debug, info, warn, error or silent'),
  lease_ttl_ms: whole(1000, 3_600_000)
    .default(60_000)
    .describe('How long a lease lives without a heartbeat, ms'),
  heartbeat_ms: whole(100, 600_000).default(15_000).describe('How often agents renew at the latest, ms'),
  max_retries: whole(0, 20)
    .default(submitDefaults.maxRetries)
    .describe('Retries of a job whose submit does not say'),
  default_target: z
    .string()
    .refine(isTarget, { error: (issue) => unknownTarget(String(issue.input)) })
    .default(submitDefaults.target)
    .describe('Target of a submit that names none'),
  retention_days: whole(0, 36_500)
    .default(30)
    .describe('Days after which a finished run is deleted with all that belongs to it; 0 keeps all'),
  audit_days: whole(0, 36_500)
    .default(400)
    .describe('Days after which a line of the audit log is deleted; 0 keeps all'),
  quarantine_hunt_hours: whole(0, 8760)
    .default(24)
    .describe('Hours after which a quarantined test is hunted again by itself, on idle devices; 0: never'),
  max_blob_bytes: whole(1, 999_999_999_999_999)
    .optional()
    .describe(
      'Above so many bytes of logs and artifacts the logs and artifacts of the oldest runs are deleted; without it, no limit',
    ),
  max_token_days: whole(1, 3650)
    .default(365)
    .describe("Days after which every token ends, whatever was asked for; the operator's has no end"),
  ...blobSettings,
  ...outboundSettings,
  ...gateSettings,
} as const;

const Settings = z.object(settingShapes);
export type ServerConfig = Readonly<z.infer<typeof Settings>>;
export type SettingName = keyof typeof settingShapes;

/** `data_dir` → `QGJOB_DATA_DIR`. */
export const variableOf = (name: string): string => `QGJOB_${name.toUpperCase()}`;

/** `data_dir` → `--data-dir`. */
export const flagOf = (name: string): string => `--${name.replaceAll('_', '-')}`;

interface Given {
  readonly value: string;
  /** The flag or variable, for an error message. */
  readonly source: string;
}

/**
 * Flags go before variables, variables before defaults; an empty value counts as not given. `PORT` is used where
 * QGJOB_PORT is not set. Errors: `invalid` with the name of the setting.
 */
export function readConfig(flags: SettingFlags, env: NodeJS.ProcessEnv = process.env): ServerConfig {
  const config = readSettings(flags, env);
  checkSharing(config);
  return config;
}

/** By the names of the settings. */
export type SettingFlags = Readonly<Record<string, string | undefined>>;

/** The same for work on a database that runs no server on it. */
export function readSettings(flags: SettingFlags, env: NodeJS.ProcessEnv = process.env): ServerConfig {
  const given = new Map<string, Given>();
  for (const name of Object.keys(settingShapes)) {
    const found = findSetting(name, flags, env);
    if (found) given.set(name, found);
  }
  const parsed = Settings.safeParse(Object.fromEntries([...given].map(([name, { value }]) => [name, value])));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const { source, value } = given.get(String(issue?.path[0])) ?? { source: 'settings', value: '' };
    throw new QgjobError('invalid', `${source}${shown(value)}: ${issue?.message}`);
  }
  if (parsed.data.heartbeat_ms * 2 > parsed.data.lease_ttl_ms) {
    throw new QgjobError('invalid', 'QGJOB_HEARTBEAT_MS: must be at most half of QGJOB_LEASE_TTL_MS');
  }
  checkBlobSettings(parsed.data);
  return Object.freeze(parsed.data);
}

/** The given value for an error message, unless it may contain a password or a token. */
const shown = (value: string): string =>
  /[@?#%]|:\/\/[^/]*:.*:/.test(value) ? '' : `=${value.slice(0, 100)}`;

function findSetting(
  name: string,
  flags: Readonly<Record<string, string | undefined>>,
  env: NodeJS.ProcessEnv,
): Given | undefined {
  const places: [source: string, value: string | undefined][] = [
    [flagOf(name), flags[name]],
    [variableOf(name), env[variableOf(name)]],
    ...(name === 'port' ? [['PORT', env.PORT] satisfies [string, string | undefined]] : []),
  ];
  const [source, value] = places.find(([, text]) => text !== undefined && text !== '') ?? [];
  return source !== undefined && value !== undefined ? { source, value } : undefined;
}

/** The path below which the API is served too, for a proxy that does not remove it: '' or like `/qgjob`. */
export const basePath = ({ public_url: url }: ServerConfig): string =>
  url === undefined ? '' : new URL(url).pathname.replace(/\/+$/, '');

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const daysToKeep = (days: number): number | undefined => (days === 0 ? undefined : days * dayMs);

/** How long finished runs and lines of the audit log are kept (ms; undefined: for ever), and how many bytes of files. */
export const retentionOf = (config: ServerConfig) => ({
  keepMs: daysToKeep(config.retention_days),
  keepAuditMs: daysToKeep(config.audit_days),
  maxBlobBytes: config.max_blob_bytes,
});

/** The pause between two hunts of a quarantined test that the server makes by itself, ms; undefined: it makes none. */
export const huntPauseOf = ({ quarantine_hunt_hours: hours }: ServerConfig): number | undefined =>
  hours === 0 ? undefined : hours * hourMs;
