import type * as z from 'zod';
import type { Client } from '../../client/index.ts';

/** What a tool works with. */
export interface ToolContext {
  readonly client: Client;
  /** The org of the calls, where the token belongs to none. */
  readonly orgId: string | undefined;
  /** Ends when the caller gives the call up. */
  readonly signal: AbortSignal;
}

/** A tool for programs that speak the Model Context Protocol. */
export interface Tool<I extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly description: string;
  readonly input: I;
  /** True: it changes nothing. */
  readonly isReadOnly: boolean;
  /** Answers text, or a value that becomes JSON. Its errors are told to the caller in words. */
  run(context: ToolContext, input: z.output<I>): Promise<unknown>;
}

/** Keeps the type of the input of a tool until it stands in the list of all. */
export const defineTool = <I extends z.ZodType>(tool: Tool<I>): Tool => tool as unknown as Tool;
