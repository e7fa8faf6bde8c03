/** What an MCP server of the rehearsal can lose: volumes, rows, and words that it tells of its tools. */

export interface Store {
  readonly volumes: Map<string, string>
  readonly rows: Map<string, number>
  /** Every call that reached it. */
  readonly calls: { readonly name: string; readonly arguments: unknown }[]
  /** What `list_volumes` says of itself; a poisoner writes it over. */
  words: string
  /** What `rotate_api_key` says of itself. */
  rotated: string
  /** What `frobnicate` says of itself. */
  frobnicates: string
  /** True: before each answer to a call it says that its tools are others. */
  announces: boolean
}

export function openStore(): Store {
  return {
    volumes: new Map([
      ['vol-1', 'bookings'],
      ['vol-2', 'payments'],
    ]),
    rows: new Map([['users', 1000]]),
    calls: [],
    words: 'Lists the volumes.',
    rotated: 'Makes a new key.',
    frobnicates: 'Frobnicates.',
    announces: false,
  }
}
