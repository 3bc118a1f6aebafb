import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { AgentFile } from '../agent/config-shape.ts';
import { buildProgram } from '../cli/program.ts';
import { readConfig, settingShapes, variableOf } from '../server/config.ts';
import { queueMetrics } from '../server/metrics/definitions.ts';
import { projectRoot } from './support/sources.ts';

const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8');
const below = (folder: string): string[] =>
  readdirSync(join(projectRoot, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(projectRoot.length + 1));

const files = [
  ...['Dockerfile', 'compose.yaml', 'compose.shared.yaml', 'docs/install.md'],
  ...[...below('deploy'), ...below('examples/service')].filter((path) => !path.startsWith('deploy/grafana/')),
];

/** Of the commands that call a server; those of the server are its settings. */
const clientVariables = ['QGJOB_SERVER_URL', 'QGJOB_TOKEN', 'QGJOB_ALLOW_HTTP'];
const variables = [...Object.keys(settingShapes).map(variableOf), ...clientVariables];

test.each(files)('%s names settings that there are', (path) => {
  const named = [...read(path).matchAll(/\bQGJOB_[A-Z0-9_]+/g)].map(([name]) => name);
  expect(named.filter((name) => !variables.includes(name))).toEqual([]);
});

/** A command line in a text: up to what ends one in a shell or in prose. */
const calls = /(?<!-[no] )\bqgjob (?!qgjob )((?:[a-z][a-z-]*)[^\n`|>;&#"]*)/g;
/** What follows the name where it is that of a container, a package or the whole. */
const noCommands = ['sh', 'runner', 'qgjob-health'];

test.each(files)('%s names commands and flags that there are', async (path) => {
  // What goes on in the next line is one; a list of YAML, `args: [agent, --name=x]`, is a command line too.
  const text = read(path)
    .replace(/\\\n\s*/g, ' ')
    .replace(/\n# (?=--)/g, ' ')
    .replace(
      /^ *(?:args|command): \[((?:server|agent)\b.*)\]$/gm,
      (_, list) => `qgjob ${list.replaceAll(',', '')}`,
    );
  for (const [, call = ''] of text.matchAll(calls)) {
    const line = call.replace(/\. .*$/, '');
    const [word = ''] = line.split(' ');
    if (noCommands.includes(word)) continue;
    const { names, flags } = await flagsOf(line);
    expect(names.length, `qgjob ${line}`).toBeGreaterThan(0);
    const given = line.match(/(?<=\s)--[a-z][a-z-]*/g) ?? [];
    expect(
      given.filter((flag) => !flags.includes(flag)),
      `qgjob ${line}`,
    ).toEqual([]);
  }
});

/** The commands that begin this line, and the flags of the last one. */
async function flagsOf(line: string): Promise<{ names: string[]; flags: string[] }> {
  const words = line.split(/\s+/);
  let command = await buildProgram(words, () => undefined);
  const names: string[] = [];
  for (const word of words) {
    const next = command.commands.find((one) => one.name() === word);
    if (!next) break;
    names.push(word);
    command = next;
  }
  return { names, flags: command.options.map(({ long }) => String(long)) };
}

test.each(files.filter((path) => path.endsWith('server.env')))(
  'a server takes the settings of %s',
  (path) => {
    const lines = read(path)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    // Without quotes: docker takes them as part of the value.
    for (const line of lines) expect(line).toMatch(/^QGJOB_\w+=[^'"\s]*$/);
    const env = Object.fromEntries(lines.map((line) => line.split(/=(.*)/)));
    const secrets = Object.fromEntries(
      Object.entries(env).map(([name, value]) => [name, value === '' ? 'from-a-secret-store' : value]),
    );
    expect(readConfig({}, secrets as NodeJS.ProcessEnv).public_url).toBe('https://qgjob.example.com');
  },
);

test.each(files.filter((path) => path.endsWith('qgjob.agent.json')))('an agent takes %s', (path) => {
  const { health_port: port } = AgentFile.parse(JSON.parse(read(path)));
  const probes = [read('compose.yaml'), read('deploy/kubernetes/agent/agent.yaml')].join();
  expect(probes).toContain(`127.0.0.1:${port}/health`);
});

test('the image is built of all rooms, and of no tests', () => {
  const rules = read('.dockerignore').split('\n');
  const { include: rooms } = JSON.parse(read('tsconfig.build.json')) as { include: string[] };
  expect(rooms.filter((room) => !rules.includes(`!${room}`))).toEqual([]);
  expect(rules).toEqual(expect.arrayContaining(['*', '**/*.test.ts', '**/.env*', '**/*.token']));
});

test('agents are scaled by metrics that there are', () => {
  const text = read('deploy/kubernetes/keda/scaled-object.yaml');
  const names: string[] = Object.values(queueMetrics).map(({ name }) => name);
  const used = text.match(/\bqgjob_\w+/g) ?? [];
  expect(used).toContain('qgjob_scale_jobs');
  expect(used.filter((name) => !names.includes(name))).toEqual([]);
});

test('of the files that compose names, each is there, and no token or password is in one', () => {
  for (const path of ['compose.yaml', 'compose.shared.yaml']) {
    const { services } = parse(read(path), { merge: true }) as { services: Record<string, Service> };
    const mounted = Object.values(services).flatMap(({ volumes = [] }) => volumes);
    for (const volume of mounted.filter((one) => one.startsWith('./')))
      expect(existsSync(join(projectRoot, volume.split(':')[0] ?? '')), volume).toBe(true);
  }
  for (const path of files) expect(read(path), path).not.toMatch(/qgj_|\beyJ|AKIA/);
});

interface Service {
  readonly volumes?: readonly string[];
}

const hasDockerCompose = succeeds('docker', ['compose', 'version']);

test.skipIf(!hasDockerCompose).each(['compose.yaml', 'compose.shared.yaml'])(
  'docker compose reads %s',
  (path) => {
    const s3 = ['ENDPOINT', 'BUCKET', 'ACCESS_KEY_ID', 'SECRET_ACCESS_KEY'].map((name) => [
      `QGJOB_S3_${name}`,
      'x',
    ]);
    const env = { ...process.env, ...Object.fromEntries(s3) };
    execFileSync('docker', ['compose', '-f', path, 'config', '--quiet'], { cwd: projectRoot, env });
  },
);

function succeeds(file: string, args: string[]): boolean {
  try {
    execFileSync(file, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
