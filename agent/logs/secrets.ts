/** Variables whose values must not leave the host. */
const secretName = /_(?:TOKEN|SECRET|KEY|PASSWORD|PASS|CONNECTION_STRING)$/;

const shortest = 6;

/**
 * The values to keep out of logs and reports: the agent's token, secret variables of the host, and the
 * configuration's `redact` list, where `$NAME` stands for a variable. Values under 6 characters would mask half of
 * any text and are left out.
 */
export function collectSecrets(
  host: Readonly<Record<string, string | undefined>>,
  redact: readonly string[],
  token: string,
): string[] {
  const named = Object.entries(host).flatMap(([name, value]) => (secretName.test(name) ? [value ?? ''] : []));
  const listed = redact.map((item) => (item.startsWith('$') ? (host[item.slice(1)] ?? item) : item));
  return [...new Set([token, ...named, ...listed])].filter((value) => value.length >= shortest);
}

/**
 * What to look for in bytes (as latin1 text): each value, each line of a value of several lines, and both inside
 * base64, where the value may start at any of three places of a group.
 */
export function secretPatterns(secrets: readonly string[]): string[] {
  const values = secrets.flatMap((secret) => [secret, ...secret.split(/\r?\n/)]);
  const long = values.filter((value) => value.length >= shortest);
  return [...new Set(long.flatMap((value) => [toLatin1(value), ...inBase64(value)]))];
}

const toLatin1 = (value: string): string => Buffer.from(value, 'utf8').toString('latin1');

function inBase64(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8');
  const inside = [0, 1, 2].map((before) => {
    // Only the characters that the value alone decides: the first and last may mix with its neighbours.
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
  const whole = bytes.toString('base64');
  return [whole, ...inside].flatMap((text) => [text, text.replaceAll('+', '-').replaceAll('/', '_')]);
}
