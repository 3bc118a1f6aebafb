import { checkStrictly } from './check-shape.ts';
import { type Client, createClient } from './client.ts';
import type { Endpoint } from './request.ts';
import type { RetryRule } from './retry.ts';

/**
 * A client for agents. They act on answers, so every answer is checked against the contract's zod shapes. It has a file
 * of its own because zod takes longer to load than all the rest of a command, and no other program needs it.
 */
export const createAgentClient = (endpoint: Endpoint, retry?: RetryRule): Client =>
  createClient({ ...endpoint, check: checkStrictly }, retry);
