// Makes test/support/github/openapi.json: of GitHub's published OpenAPI description the calls that qgjob makes, with
// what they refer to and without prose. The whole description has 13 MB, so its package is fetched here and is no
// dependency. `node scripts/github-openapi.mjs` writes the file; then format it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const version = '23.0.2';
const output = fileURLToPath(new URL('../test/support/github/openapi.json', import.meta.url));

const repo = '/repos/{owner}/{repo}';
const wanted = {
  [`${repo}/check-runs`]: ['post'],
  [`${repo}/check-runs/{check_run_id}`]: ['get', 'patch'],
  [`${repo}/commits/{ref}/check-runs`]: ['get'],
  [`${repo}/issues/{issue_number}/comments`]: ['get', 'post'],
  [`${repo}/issues/comments/{comment_id}`]: ['get', 'patch', 'delete'],
  [`${repo}/issues/comments/{comment_id}/reactions`]: ['get', 'post'],
  [`${repo}/issues/comments/{comment_id}/reactions/{reaction_id}`]: ['delete'],
  [`${repo}/pulls/{pull_number}`]: ['get'],
  [`${repo}/installation`]: ['get'],
  '/app/installations/{installation_id}/access_tokens': ['post'],
};

// What a pull request is takes 200 kB, and of it one field is read: its answer is not checked.
const unchecked = new Set(['pulls/get']);

const prose = new Set(['description', 'summary', 'examples', 'example', 'externalDocs', 'tags']);

/** Without prose. A property of a schema may have such a name, so those are kept. */
function strip(value, isNames = false) {
  if (Array.isArray(value)) return value.map((one) => strip(one));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(
    ([name]) => isNames || !(prose.has(name) || name.startsWith('x-')),
  );
  const made = Object.fromEntries(
    kept.map(([name, one]) => [name, strip(one, !isNames && name === 'properties')]),
  );
  // GitHub leaves null out of the enum of what may be null.
  // Where null is one of several shapes, it becomes one of them: the checker wants a type beside `nullable`.
  if (made.nullable === true && made.type === undefined && made.anyOf !== undefined) {
    const { nullable: _, anyOf, ...rest } = made;
    return { ...rest, anyOf: [...anyOf, { enum: [null] }] };
  }
  const isNullable = made.nullable === true && Array.isArray(made.enum);
  return isNullable ? { ...made, enum: [...new Set([...made.enum, null])] } : made;
}

const refsIn = (value) =>
  [...JSON.stringify(value).matchAll(/"\$ref":"#\/components\/(\w+)\/([^"]+)"/g)].map(([, kind, name]) => [
    kind,
    name,
  ]);

/** The components that the paths refer to, also by other components. */
function componentsOf(paths, all) {
  const found = {};
  const open = refsIn(paths);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [kind, name] = next;
    found[kind] ??= {};
    if (found[kind][name] !== undefined) continue;
    const component = strip(all[kind][name]);
    found[kind][name] = component;
    open.push(...refsIn(component));
  }
  return found;
}

function readWhole() {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-openapi-'));
  try {
    execFileSync('npm', ['pack', '--silent', `@octokit/openapi@${version}`], {
      cwd: folder,
      stdio: 'ignore',
    });
    execFileSync('tar', ['xzf', readdirSync(folder)[0]], { cwd: folder });
    return JSON.parse(readFileSync(join(folder, 'package/generated/api.github.com.json'), 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const whole = readWhole();
const paths = Object.fromEntries(
  Object.entries(wanted).map(([path, methods]) => {
    const { parameters = [], ...found } = whole.paths[path];
    const operations = methods.map((method) => {
      const { operationId, parameters: own = [], requestBody, responses: all } = found[method];
      const responses = unchecked.has(operationId) ? { 200: {} } : all;
      return [method, { operationId, parameters: [...parameters, ...own], requestBody, responses }];
    });
    return [path, strip(Object.fromEntries(operations))];
  }),
);
const info = { title: `GitHub, an excerpt of @octokit/openapi ${version}`, version };
const excerpt = { openapi: whole.openapi, info, paths, components: componentsOf(paths, whole.components) };
writeFileSync(output, `${JSON.stringify(excerpt)}\n`);
