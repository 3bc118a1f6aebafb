const unknownAuthority = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
];
const notNow = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'];
const otherName = 'ERR_TLS_CERT_ALTNAME_INVALID';

/** Why no connection to a server came about, in words after `cannot reach …: `. */
export const whyUnreachable = (error: unknown, reason: string): string =>
  whatToLookAt(error, reason) ?? `${reason}. Is the server running there?`;

/** What lies between this machine and a server that was not reached; undefined where that is not known. */
export function whatToLookAt(error: unknown, reason: string): string | undefined {
  const status = proxyStatus(error);
  if (status !== undefined)
    return `the proxy on the way answered ${status}. Does it let this host through, or want a password?`;
  if (unknownAuthority.includes(reason))
    return `its certificate is of an authority that is not known here (${reason}). If it is your own, set NODE_EXTRA_CA_CERTS to its file.`;
  if (notNow.includes(reason))
    return `its certificate is not valid now (${reason}). Is the clock of this machine right?`;
  return reason === otherName ? `its certificate is for another name (${reason}).` : undefined;
}

/** Whether the next try would end alike: its certificate is wrong, or the proxy on the way wants a password or says no. */
export function isLasting(error: unknown, reason: string): boolean {
  const isCertificate = [...unknownAuthority, ...notNow, otherName].includes(reason);
  return isCertificate || ['403', '407'].includes(proxyStatus(error) ?? '');
}

/** What a proxy answered that made no tunnel. The error of undici, which is also Node's, has it in its words alone. */
function proxyStatus(error: unknown): string | undefined {
  const { message, cause } = (error ?? {}) as { message?: unknown; cause?: unknown };
  const [, status] = /^Proxy response \((\d{3})\)/.exec(String(message)) ?? [];
  return status ?? (cause instanceof Error ? proxyStatus(cause) : undefined);
}
