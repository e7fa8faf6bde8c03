/** The text of server-sent events (WHATWG HTML, §9.2.6), as far as the daemon writes it: pure. */

export interface Event {
  readonly name: string
  readonly data: string
}

/** Takes the text as it comes, in pieces of any size, and gives each event that is whole. */
export function openReader(
  give: (event: Event & { readonly id: string | null }) => void,
): (piece: string) => void {
  let rest = ''
  return (piece) => {
    const blocks = `${rest}${piece}`.split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const field = (name: string): string | null => {
        const line = block.split('\n').find((one) => one.startsWith(`${name}: `))
        return line?.slice(name.length + 2) ?? null
      }
      const data = field('data')
      if (data !== null) give({ name: field('event') ?? 'message', data, id: field('id') })
    }
  }
}
