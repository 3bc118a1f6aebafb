import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isRetryable } from '../../client/index.ts';
import type { Agent } from '../agent.ts';
import { isAlive } from '../children/processes.ts';
import { appendToServer } from '../logs/append-to-server.ts';
import { LogUpload } from '../logs/log-upload.ts';
import { BackOff, handleOutage } from '../loops/handle-outage.ts';
import { leaseClient } from '../loops/lease-client.ts';
import { type Entry, entrySuffix, halfSuffix, readEntry, spoolFolder } from './entry.ts';
import { verdictSender } from './send-verdict.ts';
import { removeEntry } from './spooled-verdict.ts';

/**
 * Sends what earlier processes of this agent could not: first all verdicts, since their leases may end soon, then what
 * is missing of their logs. It must run before this process registers: that releases the leases, and a verdict that
 * comes later counts for nothing.
 *
 * An older process of this name may still run and send the same: the server gives the same verdict the same answer and
 * takes each byte of a log once, and whoever removes the file last finds it gone.
 */
export async function resendSpool(agent: Agent): Promise<void> {
  const entries = await readSpool(agent);
  if (entries.length > 0)
    agent.say(`verdicts of an earlier start that are not reported yet: ${entries.length}`);
  const answered: Entry[] = [];
  for (const entry of entries) if (await resendVerdict(agent, entry)) answered.push(entry);
  for (const entry of answered) {
    // The other logs would not get through now either. A later start sends them; the server takes a log until 10
    // minutes after its attempt.
    if (!(await resendLog(agent, entry))) return;
    await removeEntry(agent, entry.path);
  }
}

/**
 * The verdicts for this server that earlier processes of this agent left on disk. A file that is none is renamed, with
 * a line that says so; files of processes that died while they wrote them are removed.
 */
export async function readSpool({
  client,
  config,
  say,
}: Pick<Agent, 'client' | 'config' | 'say'>): Promise<Entry[]> {
  const folder = spoolFolder(config);
  const names = (await readdir(folder).catch(() => [])).sort();
  await removeHalves(folder, names);
  const entries: Entry[] = [];
  for (const name of names.filter((one) => one.endsWith(entrySuffix))) {
    const path = join(folder, name);
    const entry = await readEntry(path);
    if (entry === undefined) continue;
    if ('damaged' in entry) say(await setAside(path, entry.damaged));
    else if (entry.server === client.url) entries.push(entry);
    else say(`${path} holds a verdict for ${entry.server} and stays; this agent works for ${client.url}`);
  }
  return entries;
}

async function setAside(path: string, why: string): Promise<string> {
  try {
    await rename(path, `${path}.damaged`);
    return `${path} holds no verdict (${why}); it is set aside as ${path}.damaged`;
  } catch (error) {
    // Another process of this name was faster; or the file stays where it is and does no harm.
    return `${path} holds no verdict (${why}) and stays: ${(error as Error).message}`;
  }
}

/** A process that still runs will finish its files. */
async function removeHalves(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const [, pid] = halfSuffix.exec(name) ?? [];
    if (pid === undefined || (Number(pid) !== process.pid && isAlive(Number(pid)))) continue;
    await rm(join(folder, name), { force: true }).catch(() => undefined);
  }
}

/** A server that is back waits one lease time for verdicts. Before the registration that time is not known. */
const longestPauseMs = 5000;

/**
 * Sends a verdict until the server has answered (true); a server that is away is waited for, as by the registration.
 * False: it stays for another start, since this agent is ending, the server refuses its token, or the server fails on
 * this verdict again and again, which must not keep the devices from work.
 */
async function resendVerdict(agent: Agent, { path, verdict }: Entry): Promise<boolean> {
  const { drain } = agent.stop;
  const send = verdictSender(agent, verdict, drain);
  const { maxBackOffMs } = agent.timing;
  const backOff = new BackOff({ ...agent.timing, maxBackOffMs: Math.min(maxBackOffMs, longestPauseMs) });
  let failures = 0;
  while (!drain.aborted) {
    try {
      const answer = await send();
      agent.outages.over(backOff);
      const words =
        answer === 'taken' ? `was taken: ${verdict.finish.verdict}` : `was not taken: ${answer.message}`;
      agent.say(`${verdict.test_path}: the verdict of an earlier start ${words}`);
      return true;
    } catch (error) {
      if (drain.aborted) break;
      failures += isRetryable(error) && error.code === 'unavailable' ? 0 : 1;
      if (!isRetryable(error) || failures === agent.timing.refusals) {
        agent.say(`${verdict.test_path}: its verdict stays in ${path}: ${(error as Error).message}`);
        break;
      }
      await handleOutage(agent, error, backOff, drain);
    }
  }
  return false;
}

/** The log of a refused verdict is sent too: it is evidence. False when it could not be sent for now. */
async function resendLog(agent: Agent, { verdict, log }: Entry): Promise<boolean> {
  const { lease_id: leaseId, token, job_id: jobId, finish } = verdict;
  const append = appendToServer(leaseClient(agent.client, token), {
    leaseId,
    jobId,
    attempt: finish.attempt,
  });
  const upload = new LogUpload((offset, bytes) => append(offset, bytes, agent.stop.drain), log);
  await upload.send();
  return !upload.pending;
}
