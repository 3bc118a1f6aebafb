/** Whether a row of tokens is live (SQL). `now`: SQL too. */
export const isLiveSql = (row: string, now: string): string =>
  `${row}.revoked_at IS NULL AND (${row}.expires_at IS NULL OR ${row}.expires_at > ${now})`;

/** What is said of attempts that ended because their agent's token was revoked. */
export const agentWasRevoked = 'the token of its agent was revoked';

/** The first of the tokens that replace each other, by the id of one of them (SQL); its own id where no row is left of it. */
export const rootSql = (id: string): string =>
  `coalesce((SELECT root.root_id FROM tokens root WHERE root.id = ${id}), ${id})`;
