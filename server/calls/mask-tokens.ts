/** Without tokens that somebody has put where none belongs: into a path, or in place of an id. */
export const maskTokens = (text: string): string =>
  text.replace(/qgj_([a-z]{1,8})_[0-9A-Za-z_-]*/g, 'qgj_$1_***');
