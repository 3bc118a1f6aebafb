import type { Token } from '../../protocol/shapes/admin.ts';
import { formatTable } from '../output/table.ts';

/** `2026-11-24`. */
export const atDay = (instant: string): string => instant.slice(0, 10);

const title = ['TOKEN', 'NAME', 'ORG', 'SCOPES', 'AGENTS', 'EXPIRES', 'LAST USED'];

const row = (token: Token): string[] => [
  token.token_id,
  token.name,
  token.org_id ?? (token.shared ? 'shared' : ''),
  token.scopes.join(','),
  token.agent_names ?? '',
  token.expires_at === null ? 'never' : atDay(token.expires_at),
  token.last_used_at === null ? 'never' : atDay(token.last_used_at),
];

/** Tokens as a table; names, scopes and agents are cut where the terminal is narrow. */
export const tokenTable = (tokens: readonly Token[], width: number | undefined): string[] =>
  tokens.length === 0 ? [] : formatTable([title, ...tokens.map(row)], { width, cuttable: [1, 3, 4] });
