/** The folders in which a store keeps the files of jobs, one for each job. */
export interface JobFolders {
  /** The ids of the jobs that have files, some of which may not have been changed since `before` (epoch ms). */
  list(before: number): Promise<string[]>;
  /**
   * Deletes the files of a job. Answers how many bytes that freed. With `before` (epoch ms): only where none of them was
   * changed since.
   */
  remove(jobId: string, before?: number): Promise<number>;
  /** Bytes of all files, those of uploads that are under way too. */
  size(): Promise<number>;
}
