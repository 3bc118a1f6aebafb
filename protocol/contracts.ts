import type * as z from 'zod';
import { borrowContracts } from './borrow-contracts.ts';
import type { Contract, Upload } from './contract.ts';
import type { RouteName, routes } from './routes.ts';
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
  RotateToken,
  Stats,
  StatsQuery,
  TokenList,
  TokenPageQuery,
  Whoami,
} from './shapes/admin.ts';
import {
  FinishedJobs,
  FinishJob,
  FinishJobs,
  Heartbeat,
  HeartbeatAnswer,
  InstalledReport,
  Lease,
  StartJob,
  TakeLease,
} from './shapes/agent.ts';
import { AppVersion, AppVersionList, AppVersionPageQuery, RegisterAppVersion } from './shapes/app-version.ts';
import { Artifact, ArtifactList, ArtifactPageQuery, ArtifactUploadQuery } from './shapes/artifact.ts';
import { AuditExportQuery, AuditFilters, AuditList } from './shapes/audit.ts';
import { BackupQuery } from './shapes/backup.ts';
import { Bundle, BundleQuery } from './shapes/bundle.ts';
import { EventsQuery } from './shapes/events.ts';
import { ExplainedRun } from './shapes/explain.ts';
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
import { GithubBindingList, SetGithub, SignedIn, SignInByGithub } from './shapes/github.ts';
import {
  AttemptList,
  Job,
  JobFilters,
  JobList,
  LogQuery,
  LongPollQuery,
  RunPollQuery,
} from './shapes/job.ts';
import { LogAppendQuery, LogSize } from './shapes/log.ts';
import { RegisterAgent, Registered } from './shapes/registration.ts';
import { Repro } from './shapes/repro.ts';
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
import { AppFacts, ArtifactFacts, BundleFacts, UploadedArtifact, UploadPlan } from './shapes/upload.ts';
import {
  CreatedWebhook,
  CreateWebhook,
  RotateWebhook,
  WebhookList,
  WebhookPageQuery,
} from './shapes/webhook.ts';
import { Why } from './shapes/why.ts';
import { testContracts } from './test-contracts.ts';

/** The shapes of every route; what else there is to know of it stands in `routes`. */
export const contracts = {
  submitRun: { body: SubmitRun, answer: SubmitAnswer },
  submitJob: { body: SubmitJob, answer: Job },
  listRuns: { query: RunFilters, answer: RunList },
  listJobs: { query: JobFilters, answer: JobList },
  getRun: { query: RunPollQuery, answer: RunWithJobs },
  getJob: { query: LongPollQuery, answer: Job },
  explainRun: { answer: ExplainedRun },
  cancelRun: { answer: Run },
  cancelJob: { answer: Job },
  deleteJob: { answer: Job },
  retryRun: { body: RetryBody, answer: SubmitAnswer },
  retryJob: { body: RetryBody, answer: SubmitAnswer },
  explainJob: { answer: Why },
  reproduceJob: { answer: Repro },
  listAttempts: { answer: AttemptList },
  readLogs: { query: LogQuery, answer: 'bytes' },
  listArtifacts: { query: ArtifactPageQuery, answer: ArtifactList },
  getArtifact: { answer: 'bytes' },
  uploadBundle: { query: BundleQuery, body: 'stream', answer: Bundle },
  openBundleUpload: { query: BundleQuery, body: BundleFacts, answer: UploadPlan },
  completeBundleUpload: { query: BundleQuery, body: BundleFacts, answer: Bundle },
  getBundle: { query: BundleQuery, answer: 'bytes' },
  registerAppVersion: { query: BundleQuery, body: RegisterAppVersion, answer: AppVersion },
  getAppVersion: { query: BundleQuery, answer: AppVersion },
  listAppVersions: { query: AppVersionPageQuery, answer: AppVersionList },
  uploadAppFile: { query: BundleQuery, body: 'stream', answer: AppVersion },
  openAppUpload: { query: BundleQuery, body: AppFacts, answer: UploadPlan },
  completeAppUpload: { query: BundleQuery, body: AppFacts, answer: AppVersion },
  getAppFile: { query: BundleQuery, answer: 'bytes' },
  listDeadLetters: { query: PageQuery, answer: JobList },
  listGroups: { query: PageQuery, answer: GroupList },
  listDevices: { query: PageQuery, answer: DeviceList },
  listAgents: { query: PageQuery, answer: AgentList },
  patchAgent: { body: PatchAgent, answer: Agent },
  patchDevice: { body: PatchDevice, answer: Device },
  ...borrowContracts,
  ...testContracts,
  followEvents: { query: EventsQuery, answer: 'bytes' },
  getStats: { query: StatsQuery, answer: Stats },
  createOrg: { body: CreateOrg, answer: Org },
  listOrgs: { query: OrgPageQuery, answer: OrgList },
  patchOrg: { body: PatchOrg, answer: Org },
  setGithub: { body: SetGithub, answer: GithubBindingList },
  listGithub: { answer: GithubBindingList },
  // Strangers may call it: their bodies must not fill the memory.
  signInByGithub: { body: SignInByGithub, bodyBytes: 32 * 1024, answer: SignedIn },
  createToken: { body: CreateToken, answer: CreatedToken },
  whoami: { answer: Whoami },
  listTokens: { query: TokenPageQuery, answer: TokenList },
  deleteToken: { answer: 'none' },
  rotateToken: { body: RotateToken, answer: CreatedToken },
  createWebhook: { body: CreateWebhook, answer: CreatedWebhook },
  listWebhooks: { query: WebhookPageQuery, answer: WebhookList },
  rotateWebhook: { body: RotateWebhook, answer: CreatedWebhook },
  deleteWebhook: { answer: 'none' },
  registerAgent: { body: RegisterAgent, answer: Registered },
  takeLease: { body: TakeLease, answer: Lease },
  heartbeat: { body: Heartbeat, answer: HeartbeatAnswer },
  getLeaseSource: { answer: 'bytes' },
  getLeaseApp: { answer: 'bytes' },
  reportInstalled: { body: InstalledReport, answer: 'none' },
  startJob: { body: StartJob, answer: Job },
  finishJob: { body: FinishJob, answer: Job },
  finishJobs: { body: FinishJobs, answer: FinishedJobs },
  releaseLease: { answer: 'none' },
  appendLogs: { query: LogAppendQuery, body: 'bytes', answer: LogSize },
  uploadArtifact: { query: ArtifactUploadQuery, body: 'stream', answer: Artifact },
  listAudit: { query: AuditFilters, answer: AuditList },
  exportAudit: { query: AuditExportQuery, answer: 'bytes' },
  getBackup: { query: BackupQuery, answer: 'bytes' },
  openArtifactUpload: { body: ArtifactFacts, answer: UploadPlan },
  completeArtifactUpload: { body: UploadedArtifact, answer: Artifact },
  health: { answer: Health },
  healthLive: { answer: Health },
  healthReady: { answer: Health },
  readMetrics: { answer: 'bytes' },
  healthDetailed: { answer: HealthDetailed },
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
/** What a caller sends in the query. Numbers are allowed: the call makes strings of them. */
export type QueryOf<N extends RouteName> =
  Contracts[N] extends Record<'query', infer T extends z.ZodType>
    ? { [K in keyof z.input<T>]: z.input<T>[K] | number }
    : undefined;
/** What a call returns. `undefined`: an answer without a body. */
export type AnswerOf<N extends RouteName> =
  | (Contracts[N]['answer'] extends infer T extends z.ZodType
      ? z.output<T>
      : Contracts[N]['answer'] extends 'bytes'
        ? Uint8Array
        : undefined)
  | ((typeof routes)[N] extends { mayBeEmpty: true } ? undefined : never);
