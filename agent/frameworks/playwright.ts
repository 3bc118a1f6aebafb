import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Command } from '../children/run-child.ts';
import type { FrameworkSettings } from '../config-shape.ts';
import { readJsonFile } from '../reports/read-json.ts';
import { findPlaywrightConfig, generateConfig } from './playwright-config.ts';
import { verdictOfPlaywright } from './playwright-verdict.ts';
import type { PreparedTest, Preset, TestRequest } from './preset.ts';

type Settings = FrameworkSettings['playwright'];

/** Runs a file of a suite with the Playwright Test that the suite itself has installed. */
export function playwrightPreset(settings: Settings): Preset {
  return {
    name: 'playwright',
    // Playwright writes its reports at SIGINT, but not at SIGTERM.
    ownSignal: 'SIGINT',
    prepare: async (request) => prepare(settings, request),
  };
}

function prepare(settings: Settings, request: TestRequest): PreparedTest | { readonly rejected: string } {
  const { root, testPath, junit, id } = request;
  const own = settings.config ? join(root, settings.config) : findPlaywrightConfig(root, testPath);
  if (own !== undefined && !existsSync(own)) return { rejected: `${own}${missingConfig}` };
  const folder = own === undefined ? root : dirname(own);
  const cli = findCli(folder);
  if (cli === undefined)
    return { rejected: `@playwright/test is not installed in ${folder}${missingPackage}` };
  const json = join(request.folder, 'playwright.json');
  const config = generateConfig(folder, own, { id, json, junit });
  const file = join(root, testPath);
  return {
    command: playwrightCommand(cli, config.path, file, settings, request),
    outside: [config],
    read: async (end, tail) => verdictOfPlaywright(end, await readJsonFile(json), { root, file, tail }),
  };
}

const missingConfig = " is not there; frameworks.playwright.config in the agent's configuration names it";
const missingPackage = " on the agent's host: run npm ci there";

function findCli(folder: string): string | undefined {
  try {
    return createRequire(join(folder, 'qgjob.js')).resolve('@playwright/test/cli');
  } catch {
    return undefined;
  }
}

function playwrightCommand(
  cli: string,
  config: string,
  file: string,
  settings: Settings,
  request: TestRequest,
): Command {
  return {
    argv: [
      process.execPath,
      cli,
      'test',
      exactPath(file),
      '--config',
      config,
      ...(settings.project === undefined ? [] : ['--project', settings.project]),
      // In the command too: a project's own setting wins over the configuration's.
      '--workers=1',
      '--retries=0',
      '--output',
      join(request.artifacts, 'test-results'),
    ],
    cwd: dirname(config),
    env: {
      ...request.env,
      PLAYWRIGHT_HTML_OPEN: 'never',
      PLAYWRIGHT_HTML_OUTPUT_DIR: join(request.artifacts, 'playwright-report'),
    },
  };
}

/**
 * Playwright reads a file argument as a regular expression on absolute paths: this one matches that file alone. The
 * slashes around it make it case-sensitive.
 */
export const exactPath = (file: string): string => `/^${file.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$/`;
