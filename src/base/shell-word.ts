/** A word as a POSIX shell reads it back (POSIX.1-2024, Shell Command Language §2.2.2): as it is, or in single quotes. */
export const shellWord = (text: string): string =>
  /^[A-Za-z0-9_./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
