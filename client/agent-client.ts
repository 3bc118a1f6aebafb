import { checkStrictly } from './check-shape.ts';
import { type Client, createClient } from './client.ts';
import type { Endpoint } from './request.ts';
import type { RetryRule } from './retry.ts';

/**
 * A client for agents, who act on what they are answered: every answer is held against the contract's own shapes. It is
 * apart from the other client since the shapes take longer to load than all the rest of a command.
 */
export const createAgentClient = (endpoint: Endpoint, retry?: RetryRule): Client =>
  createClient({ ...endpoint, check: checkStrictly }, retry);
