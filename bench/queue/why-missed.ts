/** Why a target is missed, by its id, where that is known; printed beside it. */
export const whyMissed: Readonly<Record<string, string>> = {};
