import { cutText, oneLine } from '../../../protocol/clean-text.ts';
import type { Product, StackAccess } from './access.ts';
import type { StackEntry } from './entry.ts';

/** What a process of a lease is for, as far as names at BrowserStack go. */
export interface StackUse {
  readonly orgId: string;
  readonly appVersionId: string;
  readonly target: string;
  readonly leaseId: string;
  readonly framework: string;
  /** Undefined for a process that runs several tests. */
  readonly job?: { readonly jobId: string; readonly testPath: string; readonly attempt: number } | undefined;
}

const longestBuild = 200;
const longestTest = 150;

/** One for each group: its sessions are listed together, whichever agent ran them. */
export const buildNameOf = ({
  orgId,
  appVersionId,
  target,
}: Pick<StackUse, 'orgId' | 'appVersionId' | 'target'>) =>
  cutText(`qgjob ${orgId} ${appVersionId} ${target}`, longestBuild);

/** A part of the names of an attempt's sessions that no other attempt's have. */
export const markOfAttempt = (jobId: string, attempt: number): string => `(${jobId}#${attempt})`;

/** The same for a process that runs several tests. */
export const markOfLease = (leaseId: string): string => `(${leaseId})`;

export function sessionNameOf({ leaseId, job }: StackUse): string {
  if (!job) return `qgjob ${markOfLease(leaseId)}`;
  const test = cutText(oneLine(job.testPath), longestTest);
  return `${test} ${markOfAttempt(job.jobId, job.attempt)}`;
}

export const productOf = ({ browser }: Pick<StackEntry, 'browser'>): Product =>
  browser === undefined ? 'app-automate' : 'automate';

/** The capabilities of a session, without the account: what a suite hands to WebDriver. */
function capabilitiesOf(
  entry: StackEntry,
  use: StackUse,
  appUrl: string | undefined,
): Record<string, unknown> {
  const { device, os, os_version, browser, browser_version, clean, idle_timeout, project } = entry;
  return {
    ...(browser && { browserName: browser }),
    ...(browser_version && { browserVersion: browser_version }),
    ...(appUrl && { 'appium:app': appUrl }),
    'bstack:options': {
      ...(device ? { deviceName: device } : { os }),
      osVersion: os_version,
      projectName: project,
      buildName: buildNameOf(use),
      sessionName: sessionNameOf(use),
      idleTimeout: idle_timeout,
      ...(device && !clean && { reserveDevice: true }),
    },
  };
}

/**
 * The variables by which a test opens its session: the account and the names under BrowserStack's own variables, for its SDKs,
 * and all under names of ours.
 */
export function stackVariables(
  { username = '', accessKey = '', hub }: StackAccess,
  entry: StackEntry,
  use: StackUse,
  appUrl: string | undefined,
): Record<string, string> {
  const build = buildNameOf(use);
  return {
    BROWSERSTACK_USERNAME: username,
    BROWSERSTACK_ACCESS_KEY: accessKey,
    BROWSERSTACK_BUILD_NAME: build,
    BROWSERSTACK_PROJECT_NAME: entry.project,
    QGJOB_BROWSERSTACK_HUB: hub,
    QGJOB_BROWSERSTACK_PROJECT: entry.project,
    QGJOB_BROWSERSTACK_BUILD: build,
    QGJOB_BROWSERSTACK_SESSION: sessionNameOf(use),
    QGJOB_BROWSERSTACK_CAPABILITIES: JSON.stringify(capabilitiesOf(entry, use, appUrl)),
    ...(appUrl && { QGJOB_APP_URL: appUrl }),
    // AppWright names its builds by these two, and by nothing else.
    ...(use.framework === 'appwright' && { GITHUB_ACTIONS: 'true', GITHUB_RUN_ID: use.leaseId }),
  };
}
