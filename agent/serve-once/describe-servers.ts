/** In a generated configuration: what its web servers are, as a text that is the same for the same servers. */
export const describeServers = `const describeServers = (servers) =>
  JSON.stringify([servers ?? []].flat(), (_key, value) => (value instanceof RegExp ? String(value) : value));`;
