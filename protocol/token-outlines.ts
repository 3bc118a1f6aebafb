/** Shapes of tokens (`outlines`). */
export const tokenOutlines = {
  Token: {
    ...{ token_id: 's', name: 's', created_at: 's', org_id: 's?', expires_at: 's?', last_used_at: 's?' },
    ...{ agent_names: 's?', scopes: '[w]', shared: 'b', parent_id: 's?~', replaces_id: 's?~' },
    agent_targets: '[s]?~',
  },
  Whoami: {
    ...{
      token_id: 's',
      name: 's',
      org_id: 's?',
      expires_at: 's?',
      repository: 's?',
      scopes: '[w]',
      shared: 'b',
    },
    ...{ agent_names: 's?~', agent_targets: '[s]?~', parent_id: 's?~', last_used_at: 's?~' },
  },
  NewToken: { token_id: 's', token: 's', org_id: 's?', expires_at: 's?', scopes: '[w]' },
};
