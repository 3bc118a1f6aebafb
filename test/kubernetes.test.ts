import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readConfig } from '../server/config.ts';
import { projectRoot } from './support/sources.ts';

const root = join(projectRoot, 'deploy/kubernetes');

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  // biome-ignore lint/suspicious/noExplicitAny: a manifest of any kind; its shape is checked by its validator.
  readonly [key: string]: any;
}

const parse = (text: string): Manifest[] => parseAllDocuments(text).map((document) => document.toJS());
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.yaml') && !name.endsWith('kustomization.yaml'),
);
const manifests = files.flatMap((name) => parse(readFileSync(join(root, name), 'utf8')));
const named = (kind: string, name: string): Manifest => {
  const found = manifests.find((one) => one.kind === kind && one.metadata.name === name);
  if (!found) throw new Error(`there is no ${kind} ${name}`);
  return found;
};

type Model = new (data: Manifest) => { validate(): void };

/** The types that Kubernetes and KEDA publish. */
const models: Readonly<Record<string, object>> = {
  'apps/v1': await import('kubernetes-models/apps/v1'),
  'policy/v1': await import('kubernetes-models/policy/v1'),
  v1: await import('kubernetes-models/v1'),
  'keda.sh/v1alpha1': await import('@kubernetes-models/keda/keda.sh/v1alpha1'),
};

/** Errors: what of the manifest is not of its type. An unknown key is not found. */
function validate(manifest: Manifest): void {
  const { apiVersion, kind } = manifest;
  const Model = (models[apiVersion] as Record<string, Model> | undefined)?.[kind];
  if (!Model) throw new Error(`there is no ${kind} in ${apiVersion}`);
  new Model(manifest).validate();
}

test.each(manifests.map((one) => [`${one.kind} ${one.metadata.name}`, one] as const))(
  '%s is of the types that Kubernetes takes',
  (_, manifest) => validate(manifest),
);

/** Keys that the schemas let pass where they are misspelt: those that we use are named once. */
const containerKeys = [
  'name',
  'image',
  'args',
  'env',
  'envFrom',
  'ports',
  'startupProbe',
  'livenessProbe',
].concat(['readinessProbe', 'lifecycle', 'resources', 'securityContext', 'volumeMounts', 'workingDir']);
const podKeys = [
  'automountServiceAccountToken',
  'enableServiceLinks',
  'securityContext',
  'containers',
  'volumes',
].concat(['topologySpreadConstraints', 'terminationGracePeriodSeconds']);

test.each(['qgjob', 'qgjob-agent'])('the pods of %s may do nothing that they need not', (name) => {
  const { spec } = named('Deployment', name).spec.template;
  expect(Object.keys(spec).filter((key) => !podKeys.includes(key))).toEqual([]);
  expect(spec).toMatchObject({
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
  });
  const [container] = spec.containers;
  expect(Object.keys(container).filter((key) => !containerKeys.includes(key))).toEqual([]);
  expect(container.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  const volumes = spec.volumes.map((volume: { name: string }) => volume.name);
  for (const mount of container.volumeMounts) expect(volumes).toContain(mount.name);
});

test('a server stops within its grace period, and no call reaches one that stops', () => {
  const { spec } = named('Deployment', 'qgjob').spec.template;
  const [{ lifecycle, readinessProbe, livenessProbe }] = spec.containers;
  const drainS = Number(lifecycle.preStop.exec.command[1]);
  // docs/operations.md: a stop takes 10 s at most.
  expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(drainS + 10);
  expect([readinessProbe.httpGet.path, livenessProbe.httpGet.path]).toEqual([
    '/health/ready',
    '/health/live',
  ]);
});

test('whoever selects pods selects those that there are', () => {
  const labels = (name: string) => named('Deployment', name).spec.template.metadata.labels;
  for (const selector of [
    named('Service', 'qgjob').spec.selector,
    named('PodDisruptionBudget', 'qgjob').spec.selector.matchLabels,
    named('Deployment', 'qgjob').spec.selector.matchLabels,
    ...named('Deployment', 'qgjob').spec.template.spec.topologySpreadConstraints.map(
      (one: Manifest) => one.labelSelector.matchLabels,
    ),
  ])
    expect(labels('qgjob')).toMatchObject(selector);
  expect(labels('qgjob-agent')).toMatchObject(named('Deployment', 'qgjob-agent').spec.selector.matchLabels);
  expect(named('ScaledObject', 'qgjob-agent').spec.scaleTargetRef.name).toBe('qgjob-agent');
});

test('a server takes the settings of the ConfigMap with those of the Secret', () => {
  const secrets = Object.keys(named('Secret', 'qgjob').stringData).map((name) => [name, 'secret']);
  const config = readConfig({}, { ...named('ConfigMap', 'qgjob').data, ...Object.fromEntries(secrets) });
  expect(config.database_url).toMatch(/^libsql:/);
});

const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;

test.skipIf(!hasKubectl).each([
  ['', ['ConfigMap', 'Deployment', 'Namespace', 'PodDisruptionBudget', 'Service']],
  ['agent', ['ConfigMap', 'Deployment']],
  ['keda', ['ScaledObject']],
] as const)('kubectl renders the kustomization of deploy/kubernetes/%s', (folder, kinds) => {
  const text = execFileSync('kubectl', ['kustomize', join(root, folder)], { encoding: 'utf8' });
  const rendered = parse(text);
  expect(rendered.map(({ kind }) => kind).sort()).toEqual(kinds);
  for (const manifest of rendered) {
    validate(manifest);
    if (manifest.kind !== 'Namespace') expect(manifest.metadata).toMatchObject({ namespace: 'qgjob' });
    for (const { image } of manifest.spec?.template?.spec?.containers ?? [])
      expect(image).toMatch(/^registry\.example\.com\/qgjob:\d/);
  }
});
