/** Reads the arguments that GraphQL has already checked against the schema. */

export type Args = Readonly<Record<string, unknown>>

/** A required string; the empty string where the schema was not kept, which finds nothing. */
export function text(args: Args, name: string): string {
  return maybeText(args, name) ?? ''
}

export function maybeText(args: Args, name: string): string | null {
  const value = args[name]
  return typeof value === 'string' ? value : null
}

export function maybeNumber(args: Args, name: string): number | null {
  const value = args[name]
  return typeof value === 'number' ? value : null
}

export function maybeFlag(args: Args, name: string): boolean | null {
  const value = args[name]
  return typeof value === 'boolean' ? value : null
}

export function texts(args: Args, name: string): readonly string[] {
  const value = args[name]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

/** An object below `name`; empty where there is none. */
export function bag(args: Args, name: string): Args {
  return asBag(args[name])
}

/** The value as an object of unknown fields; empty for anything else. */
export function asBag(value: unknown): Args {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {}
}
