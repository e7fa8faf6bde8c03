/** What a Railway token sees, asked of the platform by reads alone: so that environments stand in the config by their ids. */
import { isObject, objectOf, parseJson } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import type { Secret } from '../../base/secret.ts'
import type { RailwayFacts } from './served.ts'

const waitMs = 10_000
const projects =
  'query { projects { edges { node { name environments { edges { node { id name } } } } } } }'
const projectToken = 'query { projectToken { environment { id name } } }'

/** A token that the platform does not know is taken for one of an account, whose environments a person declares. */
export async function railwayFacts(url: string, token: Secret): Promise<RailwayFacts> {
  const own = await ask(url, { 'project-access-token': token.reveal() }, projectToken)
  const bound = objectOf(objectOf(own?.['projectToken'])['environment'])
  if (typeof bound['id'] === 'string')
    return { url, header: 'project-access-token', environments: named([bound]) }
  const seen = await ask(url, { authorization: `Bearer ${token.reveal()}` }, projects)
  const all = nodes(seen?.['projects']).flatMap((project) => nodes(project['environments']))
  return { url, header: 'authorization', environments: named(all) }
}

async function ask(
  url: string,
  headers: Readonly<Record<string, string>>,
  query: string,
): Promise<JsonObject | null> {
  try {
    const answer = await fetch(`${url}/graphql/v2`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query }),
      redirect: 'error',
      signal: AbortSignal.timeout(waitMs),
    })
    const body = objectOf(parseJson(await answer.text()))
    return isObject(body['data']) ? body['data'] : null
  } catch {
    // Not reached, or not understood: the environments are left for a person.
    return null
  }
}

/** Names as the config writes them; two of one name get their number. */
function named(all: readonly JsonObject[]): RailwayFacts['environments'] {
  const found: Record<string, { readonly id: string }> = {}
  for (const { id = null, name = null } of all) {
    if (typeof id !== 'string' || typeof name !== 'string') continue
    const like = name
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]+/g, '-')
      .replace(/^[^a-z]+/, '')
    const base = like === '' ? 'environment' : like.slice(0, 36)
    let label = base
    for (let count = 2; label in found; count += 1) label = `${base}-${count}`
    found[label] = { id }
  }
  return found
}

function nodes(value: Json | undefined): readonly JsonObject[] {
  const { edges = null } = objectOf(value)
  return (Array.isArray(edges) ? edges : []).map((edge: Json) => objectOf(objectOf(edge)['node']))
}
