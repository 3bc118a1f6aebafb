import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ChildEnd, Command } from '../children/run-child.ts';
import type { FrameworkSettings } from '../config-shape.ts';
import { type AttemptResult, errored } from '../reports/attempt-result.ts';
import { type ExitSays, judgeTests } from '../reports/judge-tests.ts';
import { type ReportFile, readReportFile } from '../reports/read-report-file.ts';
import { findPlaywrightConfig, writePlaywrightConfig } from './playwright-config.ts';
import { parsePlaywrightReport } from './playwright-report.ts';
import type { Preset, TestRequest } from './preset.ts';

type Settings = FrameworkSettings['playwright'];

const maxReportBytes = 50 * 1024 * 1024;

/** Runs a file of a suite with the Playwright Test that the suite itself has installed. */
export function playwrightPreset(settings: Settings): Preset {
  return {
    name: 'playwright',
    // Playwright writes its reports at SIGINT; at SIGTERM it does not.
    ownSignal: 'SIGINT',
    prepare: async (request) => {
      const own =
        settings.config === undefined
          ? findPlaywrightConfig(request.root, request.testPath)
          : join(request.root, settings.config);
      const folder = own === undefined ? request.root : dirname(own);
      const cli = findCli(folder);
      if (cli === undefined) {
        return {
          rejected: `@playwright/test is not installed in ${folder} on the agent's host: run npm ci there`,
        };
      }
      const json = join(request.folder, 'playwright.json');
      const config = await writePlaywrightConfig(folder, own, { id: request.id, json, junit: request.junit });
      const file = join(request.root, request.testPath);
      return {
        command: playwrightCommand(cli, config, file, settings, request),
        read: async (end, tail) => {
          const report = await readReportFile(json, maxReportBytes);
          return judgePlaywright(end, report, { root: request.root, file, tail });
        },
        discard: () => rm(config, { force: true }),
      };
    },
  };
}

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

/** Playwright takes a file argument for a regular expression on absolute paths: this one matches that file alone. */
export const exactPath = (file: string): string => `^${file.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`;

interface Run {
  readonly root: string;
  readonly file: string;
  readonly tail: string;
}

/** The verdict of a run that ended by itself: from its report, which the exit can only make worse. */
export function judgePlaywright(end: ChildEnd, found: ReportFile, run: Run): AttemptResult {
  const how = end.failure ?? describeEnd(end);
  const quoted = run.tail === '' ? how : `${how}:\n${run.tail}`;
  if ('missing' in found) return errored('infra_error', `Playwright left no report; ${quoted}`);
  if ('tooLarge' in found) {
    return errored('infra_error', `the report has ${found.tooLarge} bytes, ${maxReportBytes} are allowed`);
  }
  const report = parsePlaywrightReport(found.text, run.root, run.file);
  if (!report) return errored('infra_error', `the report of Playwright is not whole; ${quoted}`);
  const errors = report.errors.join('\n\n');
  if (report.tests.length === 0) return errored('infra_error', `no test ran: ${errors || quoted}`);
  const failed = report.tests.some((test) => test.status === 'failed');
  if (report.interrupted && !failed)
    return errored('infra_error', `the run was interrupted; ${how}`, report.tests);
  return judgeTests(report.tests, report.executed, exitSays(end, errors), errors || how);
}

function exitSays({ code }: ChildEnd, errors: string): ExitSays {
  if (errors !== '') return 'failed';
  if (code === 0) return 'passed';
  return code === 1 ? 'failed' : 'broken';
}

const describeEnd = ({ code, signal }: ChildEnd): string =>
  code === null ? `it was ended by ${signal}` : `it exited with ${code}`;
