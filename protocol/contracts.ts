import * as z from 'zod';
import type { RouteName } from './routes.ts';
import {
  CreatedToken,
  CreateOrg,
  CreateToken,
  Health,
  HealthDetailed,
  Org,
  OrgList,
  OrgPageQuery,
  PatchOrg,
  Stats,
  TokenList,
  TokenPageQuery,
} from './shapes/admin.ts';
import {
  FinishedJobs,
  FinishJob,
  FinishJobs,
  Heartbeat,
  HeartbeatAnswer,
  InstalledReport,
  Lease,
  LogAppendQuery,
  LogSize,
  RegisterAgent,
  Registered,
  StartJob,
  TakeLease,
} from './shapes/agent.ts';
import { Artifact, ArtifactList, ArtifactPageQuery, ArtifactUploadQuery } from './shapes/artifact.ts';
import { OrgId } from './shapes/common.ts';
import {
  Agent,
  AgentList,
  Device,
  DeviceList,
  GroupList,
  PageQuery,
  PatchAgent,
  PatchDevice,
} from './shapes/fleet.ts';
import { AttemptList, HoldQuery, Job, JobFilters, JobList, LogQuery } from './shapes/job.ts';
import {
  RetryBody,
  Run,
  RunFilters,
  RunList,
  RunWithJobs,
  SubmitAnswer,
  SubmitJob,
  SubmitRun,
} from './shapes/run.ts';
import { Why } from './shapes/why.ts';

/** A file to send; a Blob is one. */
export interface Upload {
  /** Bytes. */
  readonly size: number;
  /** The bytes from the first one on; asked for again by each try of the call. */
  stream(): ReadableStream<Uint8Array>;
}

/**
 * What goes in and what comes out of a call. `bytes` are raw octets, read whole; a `stream` is a body of them that is too
 * large for that; `none` is an empty answer.
 */
export interface Contract {
  readonly query?: z.ZodType;
  readonly body?: z.ZodType | 'bytes' | 'stream';
  readonly answer: z.ZodType | 'bytes' | 'none';
  readonly status: number;
  /** The same also comes under this status: the replay of a submit, a range, the health of a server that cannot write. */
  readonly otherStatus?: number;
  /** The call may also answer 204 without a body. */
  readonly mayBeEmpty?: true;
}

const OrgQuery = z.strictObject({ org_id: OrgId.optional() });

/** The shapes of every route, in one table beside `routes`. */
export const contracts = {
  submitRun: { body: SubmitRun, answer: SubmitAnswer, status: 201, otherStatus: 200 },
  submitJob: { body: SubmitJob, answer: Job, status: 201, otherStatus: 200 },
  listRuns: { query: RunFilters, answer: RunList, status: 200 },
  listJobs: { query: JobFilters, answer: JobList, status: 200 },
  getRun: { query: HoldQuery, answer: RunWithJobs, status: 200 },
  getJob: { query: HoldQuery, answer: Job, status: 200 },
  cancelRun: { answer: Run, status: 200 },
  cancelJob: { answer: Job, status: 200 },
  deleteJob: { answer: Job, status: 200 },
  retryRun: { body: RetryBody, answer: SubmitAnswer, status: 201, otherStatus: 200 },
  retryJob: { body: RetryBody, answer: SubmitAnswer, status: 201, otherStatus: 200 },
  explainJob: { answer: Why, status: 200 },
  listAttempts: { answer: AttemptList, status: 200 },
  readLogs: { query: LogQuery, answer: 'bytes', status: 200 },
  listArtifacts: { query: ArtifactPageQuery, answer: ArtifactList, status: 200 },
  getArtifact: { answer: 'bytes', status: 200, otherStatus: 206 },
  listDeadLetters: { query: PageQuery, answer: JobList, status: 200 },
  listGroups: { query: PageQuery, answer: GroupList, status: 200 },
  listDevices: { query: PageQuery, answer: DeviceList, status: 200 },
  listAgents: { query: PageQuery, answer: AgentList, status: 200 },
  patchAgent: { body: PatchAgent, answer: Agent, status: 200 },
  patchDevice: { body: PatchDevice, answer: Device, status: 200 },
  getStats: { query: OrgQuery, answer: Stats, status: 200 },
  createOrg: { body: CreateOrg, answer: Org, status: 201 },
  listOrgs: { query: OrgPageQuery, answer: OrgList, status: 200 },
  patchOrg: { body: PatchOrg, answer: Org, status: 200 },
  createToken: { body: CreateToken, answer: CreatedToken, status: 201 },
  listTokens: { query: TokenPageQuery, answer: TokenList, status: 200 },
  deleteToken: { answer: 'none', status: 204 },
  registerAgent: { body: RegisterAgent, answer: Registered, status: 200 },
  takeLease: { body: TakeLease, answer: Lease, status: 200, mayBeEmpty: true },
  heartbeat: { body: Heartbeat, answer: HeartbeatAnswer, status: 200 },
  reportInstalled: { body: InstalledReport, answer: 'none', status: 204 },
  startJob: { body: StartJob, answer: Job, status: 200 },
  finishJob: { body: FinishJob, answer: Job, status: 200 },
  finishJobs: { body: FinishJobs, answer: FinishedJobs, status: 200 },
  releaseLease: { answer: 'none', status: 204 },
  appendLogs: { query: LogAppendQuery, body: 'bytes', answer: LogSize, status: 200 },
  uploadArtifact: { query: ArtifactUploadQuery, body: 'stream', answer: Artifact, status: 200 },
  health: { answer: Health, status: 200, otherStatus: 503 },
  healthLive: { answer: Health, status: 200 },
  healthReady: { answer: Health, status: 200, otherStatus: 503 },
  healthDetailed: { answer: HealthDetailed, status: 200 },
} as const satisfies Record<RouteName, Contract>;

type Contracts = typeof contracts;
type Of<T> = T extends z.ZodType
  ? z.input<T>
  : T extends 'bytes'
    ? Uint8Array
    : T extends 'stream'
      ? Upload
      : undefined;
type Field<N extends RouteName, K extends string> =
  Contracts[N] extends Record<K, infer T> ? Of<T> : undefined;

/** The calls that answer raw octets. */
export type BytesRoute = {
  [N in RouteName]: Contracts[N]['answer'] extends 'bytes' ? N : never;
}[RouteName];
/** What a caller sends as the body of a call. */
export type BodyOf<N extends RouteName> = Field<N, 'body'>;
/** What a caller sends in the query, before it is turned into strings. */
export type QueryOf<N extends RouteName> =
  Contracts[N] extends Record<'query', infer T extends z.ZodType>
    ? { [K in keyof z.input<T>]: z.input<T>[K] | number }
    : undefined;
/** What comes back. */
export type AnswerOf<N extends RouteName> =
  | (Contracts[N]['answer'] extends infer T extends z.ZodType
      ? z.output<T>
      : Contracts[N]['answer'] extends 'bytes'
        ? Uint8Array
        : undefined)
  | (Contracts[N] extends { mayBeEmpty: true } ? undefined : never);
