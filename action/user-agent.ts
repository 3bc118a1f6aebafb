/** How the Action names itself to the server. */
export const userAgent = 'qgjob-action';
