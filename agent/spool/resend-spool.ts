import type { Agent } from '../agent.ts';
import { appendToServer } from '../logs/append-to-server.ts';
import { LogUpload } from '../logs/log-upload.ts';
import type { Entry } from './entry.ts';
import { readSpool } from './read-spool.ts';
import { resendVerdict } from './resend-verdict.ts';
import { removeEntry } from './spooled-verdict.ts';

/**
 * Reports what earlier processes of this agent could not: all verdicts first, for their leases may end soon, then what
 * is missing of their logs. To be called before this process registers: that releases the leases, and then the verdicts
 * count for nothing.
 *
 * An older process of this name that still runs may be offering the same: the server gives the same verdict the same
 * answer and takes each byte of a log once, and who removes the file last finds it gone.
 */
export async function resendSpool(agent: Agent): Promise<void> {
  const entries = await readSpool(agent);
  if (entries.length > 0)
    agent.say(`verdicts of an earlier start that are not reported yet: ${entries.length}`);
  const answered: Entry[] = [];
  for (const entry of entries) if (await resendVerdict(agent, entry)) answered.push(entry);
  for (const entry of answered) {
    // The others would fare no better now. They are offered again by another start; the server takes a log until 10
    // minutes after its attempt.
    if (!(await sendLog(agent, entry))) return;
    await removeEntry(agent, entry.path);
  }
}

/** Also of a verdict that was refused: it is evidence. False when it could not be sent for now. */
async function sendLog(agent: Agent, { verdict, log }: Entry): Promise<boolean> {
  const { lease_id: leaseId, job_id: jobId, finish } = verdict;
  const append = appendToServer(agent.client, { leaseId, jobId, attempt: finish.attempt });
  const upload = new LogUpload((offset, bytes) => append(offset, bytes, agent.stop.drain), log);
  await upload.send();
  return !upload.pending;
}
