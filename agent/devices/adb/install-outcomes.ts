import type { InstalledReport } from '../../../protocol/shapes/agent.ts';

export type InstallClass = NonNullable<InstalledReport['error_class']>;

/** What to do after an install that failed. `again`: once more, after this. */
export type Cure =
  | { readonly again: 'uninstall' | 'make room' | 'reconnect'; readonly else: InstallClass }
  | { readonly else: InstallClass; readonly hint?: string };

/**
 * What adb and the package manager of Android say, and what that means. Sources: the codes of PackageManager
 * (INSTALL_FAILED_…, INSTALL_PARSE_FAILED_…), adb's own messages. The first that fits counts.
 */
const outcomes: readonly (readonly [RegExp, Cure])[] = [
  [
    /UPDATE_INCOMPATIBLE|INCONSISTENT_CERTIFICATES|SHARED_USER_INCOMPATIBLE|VERSION_DOWNGRADE|ALREADY_EXISTS|DUPLICATE_PACKAGE/,
    { again: 'uninstall', else: 'install_failed' },
  ],
  [
    /INSUFFICIENT_STORAGE|DEXOPT|CONTAINER_ERROR|No space left/,
    { again: 'make room', else: 'install_failed' },
  ],
  [/INVALID_APK|PARSE_FAILED|NO_CERTIFICATES|TEST_ONLY|filename doesn't end/, { else: 'build_error' }],
  [
    /OLDER_SDK|NO_MATCHING_ABIS|CPU_ABI_INCOMPATIBLE|MISSING_FEATURE|MISSING_SHARED_LIBRARY/,
    { else: 'install_failed', hint: 'the app is not made for this phone' },
  ],
  [
    /USER_RESTRICTED/,
    { else: 'install_failed', hint: 'allow "Install via USB" in the developer options of the phone' },
  ],
  [
    /VERIFICATION_FAILURE|VERIFICATION_TIMEOUT/,
    { else: 'install_failed', hint: 'turn off "Verify apps over USB" in the developer options of the phone' },
  ],
  [/Failure \[/, { else: 'install_failed' }],
];

/** A phone that goes away in the middle of an install gives no reason. */
const gone: Cure = { again: 'reconnect', else: 'infra_error' };

export const cureOf = (words: string): Cure => outcomes.find(([pattern]) => pattern.test(words))?.[1] ?? gone;
