import type { LeasedJob } from '../../protocol/shapes/agent.ts';
import type { FoundFiles } from '../evidence/find-files.ts';
import type { LogPump } from '../logs/log-pump.ts';
import type { LeaseWork } from './lease-work.ts';

/** Uploads what an attempt left: after its verdict, and nothing waits for it. */
export function keepEvidence(
  { agent, live }: LeaseWork,
  job: LeasedJob,
  log: LogPump,
  find: () => Promise<FoundFiles>,
): void {
  const ref = { leaseId: live.id, jobId: job.job_id, attempt: job.next_attempt };
  const note = (line: string) => log.addLine(`[qgjob] ${line}`);
  agent.evidence.keep({ ref, client: live.client, testPath: job.test_path, note }, find);
}
