/** The media type of an answer to a GraphQL client: what it names with the highest quality (RFC 9110 §12.5.1). */

const offered = [
  'application/graphql-response+json',
  'application/json',
  'application/problem+json',
] as const

/**
 * One of the offered types. Only a type that is named counts: under a wildcard, or no wish, it is `application/json`, which
 * every client of GraphQL over HTTP reads.
 */
export function graphqlType(accept: string | null): (typeof offered)[number] {
  let best: (typeof offered)[number] = 'application/json'
  let most = 0
  for (const type of offered) {
    const quality = qualityOf(accept ?? '', type)
    if (quality > most) [best, most] = [type, quality]
  }
  return best
}

function qualityOf(accept: string, type: string): number {
  for (const range of accept.toLowerCase().split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim())
    if (name !== type) continue
    const weight = parameters.map((part) => /^q=([01](?:\.\d{0,3})?)$/.exec(part)?.[1])
    const told = weight.find((text) => text !== undefined)
    return told === undefined ? 1 : Number(told)
  }
  return 0
}
