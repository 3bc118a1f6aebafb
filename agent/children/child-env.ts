/**
 * The variables of the host that a test sees. Names, no patterns: ANDROID_* would pass ANDROID_KEYSTORE_PASSWORD on.
 */
export const passedNames = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'TZ',
  'TMPDIR',
  'ANDROID_HOME',
  'ANDROID_SDK_ROOT',
  'ANDROID_SDK_HOME',
  'ANDROID_USER_HOME',
  'ANDROID_AVD_HOME',
  'ANDROID_NDK_HOME',
  'ANDROID_ADB_SERVER_PORT',
  'JAVA_HOME',
  'DEVELOPER_DIR',
  'NODE_OPTIONS',
  'NODE_EXTRA_CA_CERTS',
  'PLAYWRIGHT_BROWSERS_PATH',
] as const;

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The environment that every child starts from: the list above, the variables that the configuration's `env` names, and
 * CI=1. A variable that holds the agent's token is left out, whatever its name.
 */
export function baseEnv(host: Variables, named: readonly string[], token: string): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of [...passedNames, ...named]) {
    const value = host[name];
    if (value !== undefined && (token === '' || !value.includes(token))) env[name] = value;
  }
  return { ...env, CI: '1' };
}
