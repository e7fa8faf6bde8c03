/** The one reader of environment variables. */

/** The variable's text, or null where it is not set or empty. */
export function environment(name: string): string | null {
  const value = process.env[name]
  return value === undefined || value === '' ? null : value
}

/** All of them, as they are: for the scan, for what an agent is started with, and for what its host would see. */
export function variables(): Readonly<Record<string, string | undefined>> {
  return { ...process.env }
}
