import type { Action, Page, Resource } from '../page.ts';
import { agentsPage } from './agents.tsx';
import { auditPage, auditResource } from './audit.tsx';
import { borrowActions } from './borrow-actions.ts';
import { deadLettersPage } from './dead-letters.tsx';
import { devicePage } from './device.tsx';
import { devicesPage } from './devices.tsx';
import { eventsResource } from './events.ts';
import { fleetActions } from './fleet-actions.ts';
import { cancelJobAction, jobPage, retryJobAction } from './job.tsx';
import { artifactResource, logFileResource, logResource } from './job-files.tsx';
import { orgActions, orgPage } from './org.tsx';
import { createOrgAction, orgsPage } from './orgs.tsx';
import { overviewPage } from './overview.tsx';
import { quarantineActions } from './quarantine-actions.ts';
import { retryActions } from './retry-actions.ts';
import { rotatePage } from './rotate-token.tsx';
import { cancelRunAction, retryRunAction, runPage } from './run.tsx';
import { runsPage } from './runs.tsx';
import { settingsPage } from './settings.tsx';
import { testPage } from './test.tsx';
import { testsPage } from './tests.tsx';
import { tokenActions } from './token-actions.tsx';
import { revokePage, tokensPage } from './tokens.tsx';
import { webhooksPage } from './webhooks.tsx';

/** Every page, form and file of the dashboard. */
export const pages: readonly Page[] = [
  overviewPage,
  runsPage,
  runPage,
  jobPage,
  devicesPage,
  devicePage,
  agentsPage,
  deadLettersPage,
  settingsPage,
  orgsPage,
  orgPage,
  tokensPage,
  revokePage,
  rotatePage,
  webhooksPage,
  auditPage,
  testsPage,
  testPage,
];
export const actions: readonly Action[] = [
  cancelRunAction,
  retryRunAction,
  cancelJobAction,
  retryJobAction,
  ...fleetActions,
  ...borrowActions,
  ...retryActions,
  createOrgAction,
  ...orgActions,
  ...tokenActions,
  ...quarantineActions,
];
export const resources: readonly Resource[] = [
  eventsResource,
  auditResource,
  artifactResource,
  logResource,
  logFileResource,
];
