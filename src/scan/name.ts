/** The name that a value stands under, read backwards from the value. */

/** How much of the text before a value can hold its name. */
const reach = 140
const gap = String.raw`["'\x60\])]{0,3}\s{0,8}(?:=>|:=|:-|\?\?|\|\||[:=,(]|[ \t]|\n)\s{0,24}`
const opening = String.raw`(?:\\?["'\x60]{1,3})?(?:(?:[Bb]earer|[Bb]asic|[Tt]oken)\s)?`
/** What a shell takes where the variable is not set: `${TOKEN:-value}`. */
const fallback = /\$\{(\w{1,60}):?[-=]["']?$/
const plain = new RegExp(String.raw`([A-Za-z_][\w.-]{0,79})${gap}${opening}$`)
/** `name: TOKEN` on one line and `value: …` on the next, as Kubernetes and editors write it. */
const apart = new RegExp(
  String.raw`(?:name|key)["']?\s{0,4}[:=]\s{0,4}["']?([A-Za-z_][\w.-]{0,79})["']?,?\s{1,24}["']?value${gap}${opening}$`,
  'i',
)

/** `RAILWAY_TOKEN`, `token`, `Authorization`, `--password` without its dashes; null where nothing stands there. */
export function nameBefore(left: string): string | null {
  const last = left.slice(-reach)
  return fallback.exec(last)?.[1] ?? apart.exec(last)?.[1] ?? plain.exec(last)?.[1] ?? null
}
