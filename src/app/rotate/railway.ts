/** An account token of Railway made new: another is made by its API, and the old one deleted there. Project tokens cannot do that for themselves. */
import { randomBytes } from 'node:crypto'
import { FirebreakError } from '../../base/error.ts'
import { objectOf, textOf } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { plain } from '../../base/plain.ts'
import { Secret } from '../../base/secret.ts'
import type { Rotation } from '../../custody/rotation.ts'
import type { OpenTarget } from '../targets.ts'
import { dataIn, railwayAsk, readWith } from './railway-ask.ts'
import type { AskRailway } from './railway-ask.ts'
import type { Look, Way } from './way.ts'

/** Railway's public schema, August 2026: `apiTokens`, `apiTokenCreate`, `apiTokenDelete`, `apiToken`, `projectToken`. */
const listing = `query ($after: String) { apiTokens(first: 100, after: $after) {
  pageInfo { hasNextPage endCursor } edges { node { id name displayToken workspaceId } } } }`
const creating = 'mutation ($input: ApiTokenCreateInput!) { apiTokenCreate(input: $input) }'
const deleting = 'mutation ($id: String!) { apiTokenDelete(id: $id) }'
/** What a token that lives may read, whatever it is for. */
const reading = 'query { apiToken { workspaces { id } } }'
const readingProject = 'query { projectToken { projectId } }'
const mostPages = 20

interface Token {
  readonly id: string
  readonly name: string
  readonly shown: string
  readonly workspaceId: string | null
}

export function railwayWay(open: OpenTarget, sent: (requestId: string) => void): Way {
  const ask = railwayAsk(open, sent)
  const isOfProject = open.target.credential.name === 'project-access-token'
  return {
    targets: [],
    ask: async (secret) => await readWith(ask, secret, isOfProject ? readingProject : reading),
    look: async (secret): Promise<Look> => {
      if (isOfProject)
        throw new FirebreakError(
          'wrong_state',
          'a project token of Railway can make no other token',
          'make one in the project’s Settings, Tokens; hand it over with `firebreak custody add`; then delete the old one there',
        )
      const own = ownOf(await tokensOf(ask, secret), secret)
      return {
        what: `another account token in the place of \`${plain(own.name)}\`, which is then deleted`,
        uses: [],
        unseen: [
          `Railway does not tell who uses \`${plain(own.name)}\`: its name says what it was made for, and whatever holds it elsewhere (CI, a colleague, an app) is refused from then on`,
        ],
      }
    },
    begin: async (old) => {
      const own = ownOf(await tokensOf(ask, old), old)
      const label = `firebreak-${open.target.name}-${randomBytes(4).toString('hex')}`
      return { next: null, label, oldId: own.id }
    },
    change: async (rotation) => {
      const old = new Secret(rotation.old)
      const own = (await tokensOf(ask, old)).find(({ id }) => id === rotation.oldId)
      // No wider than the one whose place it takes.
      const workspaceId = own?.workspaceId ?? null
      const input: JsonObject = {
        name: rotation.label,
        ...(workspaceId === null ? {} : { workspaceId }),
      }
      const made = dataIn(await ask(old, creating, { input }), 'make another token')
      return {
        secret: new Secret(textOf(made['apiTokenCreate'])),
        putBack: async () => await dropByName(ask, old, rotation),
        close: async () => await Promise.resolve(),
      }
    },
    giveUp: async (rotation) => await dropByName(ask, new Secret(rotation.old), rotation),
    takeAway: async ({ oldId }, secret) => {
      const rest = await tokensOf(ask, secret)
      if (oldId === null || !rest.some(({ id }) => id === oldId)) return null
      dataIn(await ask(secret, deleting, { id: oldId }), 'delete the old one')
      return null
    },
    open: async () => await Promise.resolve(null),
  }
}

/** A new one that nobody has got, or nobody wants: it goes by its name, which no other has. */
async function dropByName(ask: AskRailway, secret: Secret, { label }: Rotation): Promise<void> {
  for (const { id, name } of await tokensOf(ask, secret))
    if (name === label) dataIn(await ask(secret, deleting, { id }), 'delete a token')
}

async function tokensOf(ask: AskRailway, secret: Secret): Promise<readonly Token[]> {
  const all: Token[] = []
  let after: Json = null
  for (let page = 0; page < mostPages; page += 1) {
    const data = dataIn(await ask(secret, listing, { after }), 'list tokens')
    const { edges = null, pageInfo = null } = objectOf(data['apiTokens'])
    for (const edge of Array.isArray(edges) ? edges : []) all.push(tokenIn(objectOf(edge)))
    const { hasNextPage = false, endCursor = null } = objectOf(pageInfo)
    if (hasNextPage !== true) return all
    after = endCursor
  }
  throw new FirebreakError('too_large', 'the account has more tokens than are looked through')
}

function tokenIn({ node }: JsonObject): Token {
  const { id = null, name = null, displayToken = null, workspaceId = null } = objectOf(node)
  return {
    id: textOf(id),
    name: textOf(name),
    shown: textOf(displayToken),
    workspaceId: typeof workspaceId === 'string' ? workspaceId : null,
  }
}

/** The one of them that this secret is. Another one must never be deleted in its place: where two could be it, nobody is. */
function ownOf(all: readonly Token[], secret: Secret): Token {
  const [own, ...more] = all.filter(({ shown }) => isShownAs(secret.reveal(), shown))
  if (own !== undefined && more.length === 0) return own
  throw new FirebreakError(
    'wrong_state',
    own === undefined
      ? 'Railway lists no token that looks like the one that is kept'
      : `Railway shows ${more.length + 1} tokens that could be the one that is kept`,
    'make another at railway.com/account/tokens, hand it over with `firebreak custody add`, and delete the old one there',
  )
}

/** The platform shows a piece or two of a token; what it covers is no letter and no digit. */
const leastShown = 4

function isShownAs(secret: string, shown: string): boolean {
  const pieces = /^([0-9a-z-]*[0-9a-z])?[^0-9a-z]+([0-9a-z][0-9a-z-]*)?$/i.exec(shown)
  if (pieces === null) return false
  const [, head = '', tail = ''] = pieces
  if (head.length + tail.length < leastShown) return false
  return secret.startsWith(head) && secret.endsWith(tail)
}
