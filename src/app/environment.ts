/** The one reader of environment variables. */

/** The variable's text, or null where it is not set or empty. */
export function environment(name: string): string | null {
  const value = process.env[name]
  return value === undefined || value === '' ? null : value
}

/** All of them, for the scan: a secret may lie in any. */
export function variables(): Readonly<Record<string, string | undefined>> {
  return { ...process.env }
}
