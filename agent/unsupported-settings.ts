/** Known to the contract, but not to this version: refused by name, not as a spelling mistake. */
const laterDrivers = ['simctl'];

interface Loose {
  readonly devices?: readonly { readonly driver?: unknown }[];
}

/** One line about the first setting that comes with a later version; undefined when there is none. */
export function findUnsupported(raw: unknown): string | undefined {
  const { devices } = (raw ?? {}) as Loose;
  const driver = Array.isArray(devices)
    ? devices.map((device) => device?.driver).find((name) => laterDrivers.includes(String(name)))
    : undefined;
  if (driver === undefined) return undefined;
  return `driver ${driver} comes with a later version; this version drives simulated, adb, avd, browser, browserstack and set`;
}
