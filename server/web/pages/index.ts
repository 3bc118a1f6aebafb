import type { Action, Page, Resource } from '../page.ts';
import { overviewPage } from './overview.tsx';
import { cancelRunAction, retryRunAction, runPage } from './run.tsx';
import { runsPage } from './runs.tsx';

/** Every page, form and file of the dashboard. */
export const pages: readonly Page[] = [overviewPage, runsPage, runPage];
export const actions: readonly Action[] = [cancelRunAction, retryRunAction];
export const resources: readonly Resource[] = [];
