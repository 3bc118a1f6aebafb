// The outbox: what other rooms may use of this room.
export { type Claimed, claimRows, dueLanes } from './claim-rows.ts';
export { type CommentReport, type CommentRun, noteComment, readCommentReport } from './comment-report.ts';
export {
  type GithubReport,
  noteCheck,
  readGithubReport,
  readReportJobs,
  settleTold,
  settleUntold,
} from './github-report.ts';
export { dropOldReports, pruneOutbox } from './prune-outbox.ts';
export { readEvidence } from './read-evidence.ts';
export { giveBack, kindOf } from './settle-rows.ts';
export { type Failure, settleFailed, settleSent } from './settle-webhook.ts';
export { webhookMessage } from './webhook-message.ts';
export {
  createWebhook,
  deleteWebhook,
  findWebhook,
  listWebhooks,
  type Receiver,
  rotateWebhook,
  webhookOf,
} from './webhooks.ts';
