import { parseParams } from '../../client/parse-params.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { SubmitRun } from '../../protocol/shapes/run.ts';
import { splitCommas } from '../options.ts';
import { type SubmitFlags, sourceOf } from './flags.ts';

/** The flag of a field, where it has another name. */
const flagOf: Readonly<Record<string, string>> = {
  tests: '--test',
  params: '--param',
  targets: '--target',
  hunt_times: '--times',
  hold_minutes: '--hold',
  timeout_ms: '--test-timeout',
  queue_timeout_ms: '--queue-timeout',
};

/** Fields whose messages name the flag's subject already. */
const namesItself = ['priority', 'target', 'targets', 'tests'];

/** Errors: `invalid`. */
function readParams(lines: readonly string[] | undefined): Record<string, string> | undefined {
  if (lines === undefined) return undefined;
  const read = parseParams(lines);
  if ('params' in read) return read.params;
  throw new QgjobError('invalid', `--param: "${read.bad}" is not allowed: use NAME=text`);
}

const branchOf = (ref: string | undefined, { repository = '' }: SubmitFlags) =>
  ref === undefined ? undefined : { repository_id: repository, ref };

/** The body of a submit, checked with the server's own shape; a bundle is added once it is packed. Errors: `invalid`, with the name of the flag. */
export function readBody(flags: SubmitFlags, tests: readonly string[]): SubmitRun {
  const targets = (flags.target ?? []).flatMap(splitCommas);
  const parsed = SubmitRun.safeParse({
    org_id: flags.orgId,
    app_version_id: flags.appVersionId,
    ...(targets.length > 1 ? { targets: [...new Set(targets)] } : { target: targets[0] }),
    tests,
    allow_no_device: flags.allowNoDevice,
    priority: flags.priority,
    max_retries: flags.maxRetries,
    retry_failed_tests: flags.retryFailedTests,
    max_failures: flags.maxFailures,
    fail_on: flags.failOn,
    branch: branchOf(flags.branch, flags),
    base: branchOf(flags.base, flags),
    hunt_times: flags.times,
    hold_minutes: flags.hold === undefined ? undefined : Math.ceil(flags.hold / 60_000),
    timeout_ms: flags.testTimeout,
    queue_timeout_ms: flags.queueTimeout,
    framework: flags.framework,
    params: readParams(flags.param),
    grep: flags.grep,
    source: sourceOf(flags) === 'workspace' ? { kind: 'workspace' } : undefined,
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = String(issue?.path[0] ?? '');
  if (issue && namesItself.includes(field) && issue.path.length === 1)
    throw new QgjobError('invalid', issue.message);
  const item = field === 'tests' && issue?.path.length === 2 ? ` ${tests[Number(issue.path[1])]}` : '';
  throw new QgjobError(
    'invalid',
    `${flagOf[field] ?? `--${field.replaceAll('_', '-')}`}${item}: ${issue?.message}`,
  );
}
