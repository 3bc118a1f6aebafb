/** The URL of a file; characters with a meaning there (`%`, `?`, `#`) belong to the file's name here. */
export const urlOf = (file: string): string => `file:${file.split('/').map(encodeURIComponent).join('/')}`;
