/** The text that a person is shown: texts in quotes are masked, those of conditions and of code aside. */

/** Masks every quoted text but those that begin at an offset (in UTF-8 bytes from the start) that is plain. `keepsCode`: dollar quotes stay. */
export function masked(text: string, plain: ReadonlySet<number>, keepsCode: boolean): string {
  const token =
    /--[^\n]*|\/\*|"(?:[^"]|"")*(?:"|$)|[eE]'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)|(?:[uU]&|[bBxXnN])?'(?:[^']|'')*(?:'|$)|\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/g
  const ascii = isAscii(text)
  let shown = ''
  let from = 0
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [found] = match
    const end = endOf(text, found, match.index)
    const quoted = text.slice(match.index, end)
    token.lastIndex = end
    if (!isQuote(found) || (found.startsWith('$') && keepsCode)) continue
    const at = ascii ? match.index : Buffer.byteLength(text.slice(0, match.index))
    if (plain.has(at)) continue
    shown += `${text.slice(from, match.index)}${quoted === "''" ? quoted : "'…'"}`
    from = end
  }
  return shown + text.slice(from)
}

function isQuote(token: string): boolean {
  return /^(?:[eEbBxXnN]|[uU]&)?'/.test(token) || token.startsWith('$')
}

/** Where a token ends: dollar quotes and nested comments reach further than their first mark. */
function endOf(text: string, token: string, start: number): number {
  const after = start + token.length
  if (token.startsWith('$')) {
    const end = text.indexOf(token, after)
    return end === -1 ? text.length : end + token.length
  }
  return token === '/*' ? commentEnd(text, after) : after
}

function commentEnd(text: string, from: number): number {
  const mark = /\/\*|\*\//g
  mark.lastIndex = from
  let depth = 1
  for (let match = mark.exec(text); match !== null; match = mark.exec(text)) {
    depth += match[0] === '/*' ? 1 : -1
    if (depth === 0) return mark.lastIndex
  }
  return text.length
}

export function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length
}
