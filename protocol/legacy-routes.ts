import type { Route, RouteName } from './routes.ts';

/** Paths of the earlier systems, answered by the same handlers. */
export const legacyRoutes: readonly { method: Route['method']; path: string; route: RouteName }[] = [
  '/jobs',
  '/api/jobs',
].flatMap((base) => [
  // Fixed names first: the router takes the first match, and must not read "stats" as a job id.
  ...(base === '/api/jobs'
    ? ([
        { method: 'GET', path: `${base}/stats`, route: 'getStats' },
        { method: 'GET', path: `${base}/devices`, route: 'listDevices' },
        { method: 'GET', path: `${base}/groups`, route: 'listGroups' },
      ] as const)
    : []),
  { method: 'POST', path: base, route: 'submitJob' },
  { method: 'GET', path: base, route: 'listJobs' },
  { method: 'GET', path: `${base}/:id`, route: 'getJob' },
  { method: 'DELETE', path: `${base}/:id`, route: 'deleteJob' },
  { method: 'POST', path: `${base}/:id/retry`, route: 'retryJob' },
]);
