/** The media type of a FileAddress: a caller that names it in `Accept` may get one in place of bytes. */
export const addressType = 'application/vnd.qgjob.address+json';
