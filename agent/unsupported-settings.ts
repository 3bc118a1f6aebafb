/** Known to the contract, but not to this version: refused by name, not as a spelling mistake. */
const laterDrivers = ['simctl'];
const laterFrameworks = ['maestro', 'webdriverio', 'detox'];

interface Loose {
  readonly devices?: readonly { readonly driver?: unknown }[];
  readonly frameworks?: Readonly<Record<string, unknown>>;
}

/** One line about the first setting that comes with a later version; undefined when there is none. */
export function findUnsupported(raw: unknown): string | undefined {
  const { devices, frameworks } = (raw ?? {}) as Loose;
  const driver = Array.isArray(devices)
    ? devices.map((device) => device?.driver).find((name) => laterDrivers.includes(String(name)))
    : undefined;
  if (driver)
    return `driver ${driver} comes with a later version; this version drives simulated, adb, avd, browser, browserstack and set`;
  const named = [...Object.keys(frameworks ?? {}), String(frameworks?.default)];
  const framework = named.find((name) => laterFrameworks.includes(name));
  return framework ? unsupportedFramework(framework) : undefined;
}

export const unsupportedFramework = (name: string): string =>
  `framework ${name} comes with a later version; this version runs playwright, mobilewright, appwright and command`;
