import type { Action, Page, Resource } from '../page.ts';
import { agentsPage } from './agents.tsx';
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
import { retryActions } from './retry-actions.ts';
import { cancelRunAction, retryRunAction, runPage } from './run.tsx';
import { runsPage } from './runs.tsx';
import { settingsPage } from './settings.tsx';
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
  webhooksPage,
];
export const actions: readonly Action[] = [
  cancelRunAction,
  retryRunAction,
  cancelJobAction,
  retryJobAction,
  ...fleetActions,
  ...retryActions,
  createOrgAction,
  ...orgActions,
  ...tokenActions,
];
export const resources: readonly Resource[] = [
  eventsResource,
  artifactResource,
  logResource,
  logFileResource,
];
