import { formatDuration } from '../../protocol/durations.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { HealthDetailed } from '../../protocol/shapes/admin.ts';
import { type Connection, type ConnectionFlags, findConnection } from '../config.ts';
import { connectTo } from '../connect.ts';
import { packageVersion } from '../version.ts';
import { placeOf } from '../whoami/describe-whoami.ts';
import { examineToken } from './examine-token.ts';
import type { Finding } from './finding-lines.ts';

const answerMs = 5000;
/** Signatures of GitHub and of object stores bear little more. In ms. */
const mostOffsetMs = 30_000;
/** Loops run far more often; the longest pause of a healthy one is that of a long step. In ms. */
const silentMs = 5 * 60_000;

/** What a running server says of itself. Errors: none; what does not answer is a finding. */
export async function examineRunning(flags: ConnectionFlags): Promise<Finding[]> {
  const found = reach(flags);
  if (!('url' in found)) return [found];
  const server = connectTo(found, 0);
  try {
    const asked = await askHead(server.url);
    const detailed = await server.call('healthDetailed', { timeoutMs: answerMs });
    return [
      {
        what: 'server',
        state: 'ok',
        says: `${server.url} (from ${placeOf(found.urlFrom)}) answers, up for ${formatDuration(detailed.uptime_ms)}`,
      },
      await examineToken(server, found),
      examineVersion(detailed.version),
      examineWrites(detailed),
      ...examineLoops(detailed, asked.serverNow),
      examineClock(asked),
      await examinePublic(server.url),
    ];
  } catch (error) {
    return [away(error)];
  }
}

function reach(flags: ConnectionFlags): Connection | Finding {
  try {
    return findConnection(flags);
  } catch (error) {
    return away(error);
  }
}

function away(error: unknown): Finding {
  const { message } = error as Error;
  const isRefused = error instanceof QgjobError && ['unauthorized', 'forbidden'].includes(error.code);
  const cure = isRefused
    ? 'give a token that may read: --token-file, QGJOB_TOKEN'
    : 'start it, or look at its log: the last lines say why it ended';
  return { what: 'server', state: 'problem', says: message, cure };
}

/** Whether server and command are of one version. */
export function examineVersion(version: string): Finding {
  const own = packageVersion();
  if (version === own) return { what: 'version', state: 'ok', says: version };
  const cure = 'give both the same version: restart the server after an upgrade';
  return { what: 'version', state: 'warning', says: `the server is ${version}, this command ${own}`, cure };
}

function examineWrites({ database }: HealthDetailed): Finding {
  if (database.status === 'ok') return { what: 'writes', state: 'ok', says: 'the database can be written' };
  const cure =
    'free the disk, or restore a backup where it is damaged; until then agents and clients keep what they have and try again';
  return { what: 'writes', state: 'problem', says: database.error ?? 'the database cannot be written', cure };
}

function examineLoops({ loops, uptime_ms: uptimeMs }: HealthDetailed, now: number): Finding[] {
  const bad = Object.entries(loops).flatMap(([name, { last_run_at: lastRun, last_error: error }]) => {
    const silent = lastRun === null ? uptimeMs : now - Date.parse(lastRun);
    if (error !== null) return [{ name, says: `${name} failed: ${error}` }];
    return silent > silentMs ? [{ name, says: `${name} has not run for ${formatDuration(silent)}` }] : [];
  });
  const what = 'loops';
  if (bad.length === 0) return [{ what, state: 'ok', says: Object.keys(loops).join(', ') }];
  const cure = 'look for `"loop"` in the log of the server; a restart does no harm';
  return bad.map(({ says }) => ({ what, state: 'problem', says, cure }));
}

interface Asked {
  /** Epoch ms, by the server's host and by this one. */
  readonly serverNow: number;
  readonly ownNow: number;
}

/** The header Date counts whole seconds. */
async function askHead(url: string): Promise<Asked> {
  const signal = AbortSignal.timeout(answerMs);
  const answer = await fetch(`${url}/health/live`, { signal, redirect: 'manual' }).catch((error: Error) => {
    const why = (error.cause as Error | undefined)?.message ?? error.message;
    throw new QgjobError('unavailable', `${url} does not answer: ${why}`);
  });
  await answer.body?.cancel();
  const ownNow = performance.timeOrigin + performance.now();
  const serverNow = Date.parse(answer.headers.get('date') ?? '');
  return { ownNow, serverNow: Number.isNaN(serverNow) ? ownNow : serverNow };
}

function examineClock({ serverNow, ownNow }: Asked): Finding {
  const offset = Math.abs(ownNow - serverNow);
  const what = 'clock';
  if (offset < mostOffsetMs) return { what, state: 'ok', says: "the server's clock agrees with this host's" };
  const says = `the server's clock is ${formatDuration(offset)} ${serverNow > ownNow ? 'ahead of' : 'behind'} this host's`;
  return {
    what,
    state: 'warning',
    says,
    cure: 'let a time server keep both right: sudo timedatectl set-ntp true',
  };
}

/** Links and webhooks begin with the public address; the description of the API says what it is. */
async function examinePublic(url: string): Promise<Finding> {
  const what = 'public';
  const cure = 'look at the proxy, or correct QGJOB_PUBLIC_URL';
  const said = await readPublic(url);
  if (said === undefined || said === '/')
    return {
      what,
      state: 'ok',
      says: `QGJOB_PUBLIC_URL is not set: links begin with the address listened on`,
    };
  try {
    const answer = await fetch(`${said}/health/live`, {
      signal: AbortSignal.timeout(answerMs),
      redirect: 'manual',
    });
    const body = (await answer.json()) as { version?: unknown };
    if (answer.ok && body.version !== undefined) return { what, state: 'ok', says: `${said} leads to it` };
    return { what, state: 'problem', says: `${said} answers ${answer.status}, and not as this server`, cure };
  } catch (error) {
    const { message, cause } = error as Error;
    return {
      what,
      state: 'problem',
      says: `${said} does not lead to it: ${(cause as Error | undefined)?.message ?? message}`,
      cure,
    };
  }
}

async function readPublic(url: string): Promise<string | undefined> {
  try {
    const answer = await fetch(`${url}/openapi.json`, { signal: AbortSignal.timeout(answerMs) });
    const { servers } = (await answer.json()) as { servers?: { url?: string }[] };
    return servers?.[0]?.url?.replace(/\/+$/, '') || undefined;
  } catch {
    return undefined;
  }
}
