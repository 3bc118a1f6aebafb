import { onTestFinished } from 'vitest';
import { SubmitRun } from '../../../protocol/shapes/run.ts';
import { deliverGithub } from '../../../server/background/deliver-github.ts';
import { OutboxSender } from '../../../server/background/outbox-sender.ts';
import { GithubApp } from '../../../server/github/github-app.ts';
import { cancelRun } from '../../../server/queue/runs/index.ts';
import { submitRun } from '../../../server/queue/submit/index.ts';
import { openTestQueue } from '../queue.ts';
import { appId, appKey } from './app.ts';
import { badGateway, type Fault, secondaryLimit, startFakeGithub } from './fake-github.ts';

export const sha = '1'.repeat(40);
const hour = 3_600_000;
export const workflow = {
  ...{ repository: 'acme/app', repository_id: '77', sha, ref: 'refs/heads/main', event_name: 'push' },
  ...{ workflow: 'tests', job: 'app', check_name: 'qgjob (emulator)', run_id: '5', run_attempt: 1 },
};

/** A server with a GitHub App, and a GitHub; the clock is the test's. */
export async function openChecksLab() {
  const queue = await openTestQueue();
  const github = await startFakeGithub();
  github.app.installedIn.add('acme/app');
  const log: string[] = [];
  const warnings: string[] = [];
  const note = (fields: object, text: string) => void log.push(`${text}: ${JSON.stringify(fields)}`);
  const warn = (fields: object, text: string) => {
    note(fields, text);
    warnings.push(log.at(-1) ?? '');
  };
  const app = () => new GithubApp({ appId, privateKey: appKey, apiUrl: github.url }, () => Date.now());
  const newSender = () => {
    const onError = (error: unknown) => note({ error: String(error) }, 'error');
    const github = deliverGithub(queue.deps, { app: app(), log: { info: note, warn } });
    const sender = new OutboxSender(queue.deps, { deliver: { github }, onError });
    onTestFinished(() => sender.stop());
    return sender;
  };
  let sender = newSender();
  const waiting = async () => Number((await queue.deps.sql.read('SELECT count(*) AS n FROM outbox'))[0]?.n);
  const send = async () => {
    await sender.pass();
    await sender.settled();
  };
  return {
    ...{ queue, github, log, warnings, waiting, send, newSender },
    async submit(targets = ['emulator'], more: object = {}, settings: object = {}) {
      const body = SubmitRun.parse({
        app_version_id: 'v1',
        tests: ['a.sh'],
        allow_no_device: true,
        targets,
        ...settings,
        github: { ...workflow, ...more },
      });
      return (await submitRun(queue.deps, { orgId: 'acme', body, createOrg: true, reportBy: 'server' })).run;
    },
    end: (runId: string) => cancelRun(queue.deps, runId, { orgId: 'acme' }),
    /** Every job of the target gets this status; `runId`: those of this run alone. */
    conclude: (status: 'passed' | 'failed', target: string, runId?: string) =>
      queue.deps.sql.write([
        {
          sql: `UPDATE jobs SET status = ?1, outcome = ?1, error = 'expected <b>4</b>', finalized_at = ?4, changed_at = ?4
                WHERE target = ?2 AND finalized_at IS NULL AND (?3 IS NULL OR run_id = ?3)`,
          args: [status, target, runId ?? null, queue.deps.now()],
        },
      ]),
    /** Looks again and again, as the loop does, until nothing waits. */
    async sendAll() {
      await send();
      for (let n = 0; n < 100 && (await waiting()) > 0; n += 1) {
        queue.advance(hour);
        await send();
      }
    },
    restart: async () => {
      await sender.stop();
      sender = newSender();
    },
  };
}

export const faults: readonly (readonly [string, Fault['answer'], boolean])[] = [
  ['is lost', 'reset', false],
  ['has its effect, and its answer is lost', 'reset', true],
  ['gets a bad gateway after its effect', badGateway, true],
  ['meets a limit', secondaryLimit(30), false],
];

/** One run of these targets after the other: in the n-th GitHub's n-th call fails. Answers how many calls there were. */
export async function failEachCall(
  targets: readonly string[],
  answer: Fault['answer'],
  done: boolean,
  check: (lab: Awaited<ReturnType<typeof openChecksLab>>) => void,
): Promise<number> {
  let calls = Number.POSITIVE_INFINITY;
  for (let after = 0; after < calls; after += 1) {
    const lab = await openChecksLab();
    lab.github.inject({ answer, done, after });
    const run = await lab.submit([...targets]);
    await lab.sendAll();
    // What the server knew by heart is gone too.
    await lab.restart();
    await lab.end(run.run_id);
    await lab.sendAll();
    check(lab);
    calls = lab.github.calls.length;
  }
  return calls;
}
