/** A text that a spreadsheet would run as a formula gets an apostrophe, as OWASP advises for CSV injection. */
const inert = (text: string): string => text.replace(/^(?=[=+\-@\t\r])/, "'");

/** One cell of a table (RFC 4180), quoted where it has to be. */
export function csvCell(cell: string | number | null | undefined): string {
  if (cell === null || cell === undefined) return '';
  const text = typeof cell === 'string' ? inert(cell) : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The same, quoted whatever it holds: where a semicolon parts cells, no text makes two of one. */
export const csvText = (text: string): string => `"${inert(text).replaceAll('"', '""')}"`;
