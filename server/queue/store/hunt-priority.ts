/** The priority of batches and jobs of hunts, below all that a submit may have. */
export const huntPriority = 0;
