import type { Client } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';

/**
 * A client for the calls of one lease, which the lease's own token authenticates. Where the server refuses that token,
 * the lease is lost; this says nothing about the token of the agent itself.
 */
export const leaseClient = (client: Client, token: string): Client => ofLease(client.as(token));

function ofLease(client: Client): Client {
  return {
    ...client,
    as: (token) => leaseClient(client, token),
    with: (rule) => ofLease(client.with(rule)),
    call: (name, input) => client.call(name, input).catch(throwLost),
    open: (name, input) => client.open(name, input).catch(throwLost),
  };
}

function throwLost(error: unknown): never {
  throw isRefusal(error) ? asLost(error) : error;
}

const isRefusal = (error: unknown): error is QgjobError =>
  error instanceof QgjobError && (error.code === 'unauthorized' || error.code === 'forbidden');

function asLost(refusal: QgjobError): QgjobError {
  // The server names the lease where it knows the token, but the lease ended too long ago.
  const isForGood = refusal.details?.lease_id !== undefined;
  const message = `the server refuses the token of this lease: ${refusal.message}`;
  return new QgjobError('lease_lost', message, {
    cause: refusal,
    ...(!isForGood && { details: { is_unknown_token: true } }),
  });
}

/** True where the server does not know the token of the lease at all, as one that runs on another database. */
export const isUnknownToken = (error: unknown): boolean =>
  error instanceof QgjobError && error.details?.is_unknown_token === true;
