/** The parser stumbles over comments between words that it looks at in pairs (`NOT` and `IN`): the same text with blanks for them. */
import { scanSync } from 'libpg-query'

/** The same text, each comment blank, byte for byte as long. `insideBodies`: also in what stands between dollars. Throws where the text is no row of tokens. */
export function withoutComments(text: string, insideBodies: boolean): string {
  const bytes = Buffer.from(text)
  for (const { start, end, tokenName, text: token } of scanSync(text).tokens) {
    if (tokenName === 'SQL_COMMENT' || tokenName === 'C_COMMENT') bytes.fill(' ', start, end)
    const tag = insideBodies ? (/^\$[^$]*\$/.exec(token)?.[0] ?? null) : null
    if (tokenName === 'SCONST' && tag !== null)
      bytes.write(
        withoutComments(token.slice(tag.length, -tag.length), false),
        start + Buffer.byteLength(tag),
      )
  }
  return bytes.toString()
}
