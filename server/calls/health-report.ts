/** How this server is. */
export interface HealthReport {
  readonly isWritable: boolean;
  readonly error?: string;
  readonly uptimeMs: number;
  readonly loops: Record<string, { lastRunAt: number | null; lastError: string | null }>;
}
