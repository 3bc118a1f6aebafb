import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { makeWorkspace } from './host.ts';
import { leasedJob, leaseOf } from './leases.ts';
import { startTestAgent, type TestAgent, type TestAgentOptions } from './start-agent.ts';

export type Files = Readonly<Record<string, string | Buffer>>;

export const pack = async (files: Files): Promise<Buffer> =>
  gzipSync(
    await packTar(
      Object.entries(files).map(([name, body]) => ({
        header: {
          name,
          size: Buffer.byteLength(body),
          type: 'file' as const,
          mode: 0o755,
          mtime: new Date(0),
        },
        body,
      })),
    ),
  );

const json = (value: unknown): string => JSON.stringify(value, undefined, 2);

/** A package as a registry would have it: a text, a program, and scripts. */
const packageFile = (scripts: Readonly<Record<string, string>>): Promise<Buffer> =>
  pack({
    'package/package.json': json({ name: 'left', version: '1.0.0', bin: { left: 'left.sh' }, scripts }),
    'package/text': 'as it was made\n',
    'package/left.sh': '#!/bin/sh\necho of left\n',
  });

export interface SuiteOptions {
  /** Of the package, instead of the true one. */
  readonly hash?: string;
  /** Of the package, and of the suite itself. */
  readonly scripts?: Readonly<Record<string, string>>;
  readonly ownScripts?: Readonly<Record<string, string>>;
  /** More of the manifest. */
  readonly manifest?: object;
}

/** A commit: its tests and what else it has, with one package and a lock file. */
export const commit = async (files: Files, options?: SuiteOptions): Promise<Buffer> =>
  pack({ ...(await suiteFiles(options)), ...files });

/** A package, manifests and a lock file, by their paths. */
export async function suiteFiles({
  hash,
  scripts = {},
  ownScripts = {},
  manifest = {},
}: SuiteOptions = {}): Promise<Files> {
  const left = await packageFile(scripts);
  const own = {
    name: 'suite',
    version: '1.0.0',
    dependencies: { left: 'file:left.tgz' },
    workspaces: ['part'],
  };
  const integrity = `sha512-${createHash('sha512')
    .update(hash ?? left)
    .digest('base64')}`;
  const hasInstallScript = Object.keys(scripts).length > 0;
  const packages = {
    '': own,
    'node_modules/left': {
      version: '1.0.0',
      resolved: 'file:left.tgz',
      integrity,
      hasInstallScript,
      bin: { left: 'left.sh' },
    },
    'node_modules/part': { resolved: 'part', link: true },
    part: { version: '1.0.0', bin: { part: 'part.sh' } },
  };
  return {
    'left.tgz': left,
    'package.json': json({ ...own, scripts: ownScripts, ...manifest }),
    'package-lock.json': json({
      name: 'suite',
      version: '1.0.0',
      lockfileVersion: 3,
      requires: true,
      packages,
    }),
    'part/package.json': json({ name: 'part', version: '1.0.0', bin: { part: 'part.sh' } }),
    'part/part.sh': '#!/bin/sh\necho of part\n',
  };
}

const realNpm = execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim();

export interface Host {
  readonly started: TestAgent;
  /** Grants a lease of a commit, whose test is `test.sh` unless another is named, and answers the id of its job. */
  grant(commit: Buffer, testPath?: string): string;
  /** Runs it, and answers its verdict and its log. */
  run(
    commit: Buffer,
    testPath?: string,
  ): Promise<{ verdict: string; log: string; error: string | undefined }>;
  /** What npm was told to do. */
  npm(): string[];
  /** Where packages were installed. */
  places(): string[];
  /** What is kept on this host, and what is on its way there. */
  kept(): string[];
  /** From now on npm never ends. */
  readonly hold: string;
  readonly begun: string;
}

/** Notes what npm is told, and waits where it finds `hold`. */
const notingNpm = `#!/bin/sh
here="$(dirname "$0")"
echo "$*" >> "$here/log"
[ "$1" = ci ] && pwd >> "$here/places"
[ "$1" = ci ] && [ -e "$here/hold" ] && touch "$here/begun" && exec sleep 600
exec ${realNpm} "$@"
`;

interface HostOptions extends TestAgentOptions {
  /** Other users may run that npm too. */
  readonly isOpen?: boolean;
}

/** Tests run in namespaces, as another user. */
export const asNobody: HostOptions = {
  settings: {
    isolation: 'namespace',
    isolation_visible: [join(import.meta.dirname, '../..'), dirname(process.execPath)],
  },
  isOpen: true,
};

export async function startHost({ isOpen, ...options }: HostOptions = {}): Promise<Host> {
  const bin = makeWorkspace({ npm: notingNpm, log: '', places: '' });
  chmodSync(join(bin, 'npm'), 0o755);
  if (isOpen) for (const path of [bin, join(bin, 'log'), join(bin, 'places')]) chmodSync(path, 0o777);
  const settings = { ...options.settings };
  if (isOpen) settings.isolation_visible = [...(settings.isolation_visible as string[]), bin];
  const started = await startTestAgent({
    ...options,
    settings,
    host: { PATH: `${bin}:${dirname(process.execPath)}:/usr/bin:/bin` },
  });
  const { server, root } = started;
  const cache = join(root, '.qgjob/agent/.cache/packages');
  let granted = 0;
  const grant = (source: Buffer, testPath = 'test.sh'): string => {
    granted += 1;
    server.source = source;
    const sha256 = createHash('sha256').update(source).digest('hex');
    const job = leasedJob(testPath, { job_id: `job_${granted}` });
    server.grant(leaseOf([job], { source: { kind: 'bundle', sha256 } }));
    return job.job_id;
  };
  return {
    started,
    grant,
    run: async (source, testPath) => {
      const id = grant(source, testPath);
      const { verdict, error } = await server.verdict(id);
      return { verdict, error, log: server.logOf(id) };
    },
    npm: () =>
      readFileSync(join(bin, 'log'), 'utf8')
        .split('\n')
        .filter((line) => /^(ci|rebuild|run)/.test(line)),
    places: () => readFileSync(join(bin, 'places'), 'utf8').trim().split('\n'),
    kept: () => (existsSync(cache) ? readdirSync(cache) : []),
    hold: join(bin, 'hold'),
    begun: join(bin, 'begun'),
  };
}
