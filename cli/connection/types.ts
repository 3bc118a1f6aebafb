import type { Profiles } from '../profiles/read-profiles.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/** The flags of every command that calls a server. */
export interface ConnectionFlags {
  readonly serverUrl?: string | undefined;
  readonly token?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly dataDir?: string | undefined;
  /** Whether plain http to other hosts is allowed. */
  readonly allowHttp?: boolean | undefined;
}

export interface Found {
  readonly value: string;
  readonly from: string;
}

/** What named the server; it decides which token may go there. */
export type NamedBy = 'flag' | 'variable' | 'file' | 'profile' | 'folder';

export interface FoundServer extends Found {
  readonly by: NamedBy;
}

export interface FoundToken extends Found {
  /** It is the operator's of the data folder. */
  readonly isKept?: boolean;
}

/** Where a server and a token are looked for. */
export interface Places {
  readonly flags: ConnectionFlags;
  readonly env: Variables;
  readonly cwd: string;
  readonly dataDir: DataDir;
  /** What `qgjob login` wrote; none for a program that is no person's. */
  readonly profiles: Profiles;
}

export interface DataDir {
  readonly path: string;
  /** As the user wrote it. */
  readonly name: string;
  /** By a flag or a variable; else it is the one of the current folder. */
  readonly isNamed: boolean;
}

export const given = (value: unknown, from: string): Found | undefined =>
  typeof value === 'string' && value.trim() !== '' ? { value: value.trim(), from } : undefined;
