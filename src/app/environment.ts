/** The one reader of environment variables (scan has its own). */

/** The variable's text, or null where it is not set or empty. */
export function environment(name: string): string | null {
  const value = process.env[name]
  return value === undefined || value === '' ? null : value
}

/** All of it, for a program that is started in the caller's place, with some of it set. */
export function environmentWith(
  more: Readonly<Record<string, string>>,
): Readonly<Record<string, string | undefined>> {
  return { ...process.env, ...more }
}
