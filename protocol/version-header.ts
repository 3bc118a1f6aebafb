/** The version of the server, in each of its answers. */
export const versionHeader = 'x-qgjob-version';
