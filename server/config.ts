import * as z from 'zod';
import { QgjobError } from '../protocol/errors.ts';
import { submitDefaults } from '../protocol/limits.ts';
import { isTarget, unknownTarget } from '../protocol/targets.ts';

const whole = (minimum: number, maximum: number) => z.coerce.number().int().min(minimum).max(maximum);

/** Every setting of the server: its default, its limits and what it is for. Flags and variables come from the keys. */
export const settingShapes = {
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on'),
  port: whole(0, 65_535).default(8080).describe('Port to listen on; 0 takes a free one'),
  data_dir: z
    .string()
    .min(1)
    .default('.qgjob')
    .describe('Folder of the database, logs, server.json and admin.token'),
  database_url: z.string().optional().describe('file:PATH; without it, qgjob.db in the data folder'),
  public_url: z
    .url()
    .optional()
    .describe('Origin that links begin with; without it, the address listened on'),
  allowed_origins: z.string().default('').describe('Origins, comma-separated, whose pages may call the API'),
  log_level: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least level logged'),
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
} as const;

const Settings = z.object(settingShapes);
export type ServerConfig = Readonly<z.infer<typeof Settings>>;
export type SettingName = keyof typeof settingShapes;

/** `data_dir` → `QGJOB_DATA_DIR`. */
export const variableOf = (name: string): string => `QGJOB_${name.toUpperCase()}`;

/**
 * Flags win over variables, variables over defaults. `PORT` counts where QGJOB_PORT is not set.
 * Errors: `invalid` naming the setting.
 */
export function readConfig(
  flags: Readonly<Record<string, string | undefined>>,
  env: NodeJS.ProcessEnv = process.env,
): ServerConfig {
  const given: Record<string, string> = {};
  for (const name of Object.keys(settingShapes)) {
    const value = flags[name] ?? env[variableOf(name)] ?? (name === 'port' ? env.PORT : undefined);
    if (value !== undefined && value !== '') given[name] = value;
  }
  const parsed = Settings.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const name = String(issue?.path[0] ?? '');
    throw new QgjobError(
      'invalid',
      `setting ${variableOf(name)} (--${name.replaceAll('_', '-')}): ${issue?.message}`,
    );
  }
  if (parsed.data.heartbeat_ms * 2 > parsed.data.lease_ttl_ms) {
    throw new QgjobError('invalid', 'setting QGJOB_HEARTBEAT_MS: must be at most half of QGJOB_LEASE_TTL_MS');
  }
  return Object.freeze(parsed.data);
}

/** Path of the database file. Errors: `invalid` for a remote URL, which this version does not open yet. */
export function databaseFile(config: ServerConfig): string {
  const { database_url: url, data_dir: folder } = config;
  if (url === undefined) return `${folder}/qgjob.db`;
  if (url.startsWith('file:')) return url.slice('file:'.length).replace(/^\/\/(?=\/)/, '');
  throw new QgjobError(
    'invalid',
    `setting QGJOB_DATABASE_URL: this version opens file: databases only, not ${url.split(':')[0]}:`,
  );
}
