/** The server says which headers an upload has; none that means something to another kind of host. */
const allowed =
  /^(?:content-length|content-type|x-amz-(?:content-sha256|checksum-[a-z0-9]+|acl|storage-class))$/;

/** The headers of a plan, in lower case; undefined where one must not be sent, or the size is another one. */
export function safeHeaders(
  headers: Readonly<Record<string, string>>,
  size: number,
): Record<string, string> | undefined {
  const own = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const isSafe = own.every(([name, value]) => allowed.test(name) && /^[\x20-\x7e]{0,500}$/.test(value));
  const all = Object.fromEntries(own);
  return isSafe && all['content-length'] === String(size) ? all : undefined;
}
