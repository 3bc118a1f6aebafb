// Runs, batches and jobs come in: what other rooms and the callers of the queue may use of this room.
export { addAppBuild, buildOf, findLeaseBuild, isBuildUsed, listBuilds, noBuild } from './app-builds.ts';
export {
  type AppVersionRef,
  findAppVersion,
  listAppVersions,
  mustFindAppVersion,
  otherBuild,
  registerAppVersion,
} from './app-versions.ts';
export { addBundle, findBundle, findLeaseBundle, listBundles, noBundle, touchBundle } from './bundles.ts';
export type { AuditedSubmit } from './new-run.ts';
export type { Submitted } from './replay-submit.ts';
export { submitRun } from './submit-run.ts';
