/** So much of a disk stays free when a database is copied to it: the server's own writes need it more. */
export const keepFreeBytes = 128 * 2 ** 20;
