// What only a step with `app-file` needs, in one part of the bundle: most steps name no build.
export { prepareApp } from '../../client/apps/prepare-app.ts';
export { sendApp } from '../../client/apps/send-app.ts';
