/** How deep a GraphQL text nests, found without recursion, so that no parser is asked to go where a stack ends. */

/** True where brackets of any kind nest deeper than `limit`, outside strings and comments. */
export function nestsDeeper(text: string, limit: number): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === '"') at = stringEnd(text, at)
    else if (char === '#') at = lineEnd(text, at)
    else if (char === '{' || char === '(' || char === '[') depth += 1
    else if (char === '}' || char === ')' || char === ']') depth -= 1
    if (depth > limit) return true
  }
  return false
}

/** The last character of the string that begins at `start`; a string that does not end is a parser's fault to find. */
function stringEnd(text: string, start: number): number {
  if (text.startsWith('"""', start)) {
    let end = text.indexOf('"""', start + 3)
    while (end !== -1 && text.charAt(end - 1) === '\\') end = text.indexOf('"""', end + 3)
    return end === -1 ? text.length : end + 2
  }
  let at = start + 1
  while (at < text.length && !'"\n\r'.includes(text.charAt(at)))
    at += text.charAt(at) === '\\' ? 2 : 1
  return at
}

function lineEnd(text: string, start: number): number {
  let at = start
  while (at < text.length && !'\n\r'.includes(text.charAt(at))) at += 1
  return at
}
