/**
 * Sellers of models: whether a key is alive, and the files that the same key lists and can delete. Forms after each seller's own
 * SDK or description, read in November 2026: `openai` 6.49.0, `@anthropic-ai/sdk` 1.14.0, `groq-sdk` 1.6.0, `@openrouter/sdk` 1.3.19,
 * and for xAI https://docs.x.ai/developers/rest-api-reference.
 */
import { objectOf } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import type { Secret } from '../../base/secret.ts'
import type { Heard } from './ask.ts'
import { byLast, byWord } from './pages.ts'
import type { Pages } from './pages.ts'
import { accountOf, refusal, toldOf, wordOf } from './provider.ts'
import type { Provider } from './provider.ts'
import type { Power, Reach } from './reach.ts'
import { bearer, openRest, thingOf } from './rest.ts'

interface Models {
  readonly name: string
  readonly host: string
  readonly path: string
  readonly headers: (secret: Secret) => Readonly<Record<string, string>>
  /** Lists what people have put there. */
  readonly files: { readonly path: string; readonly pages?: Pages } | null
  /** What its answer says of the key: whose it is, what ended it, what it makes. */
  readonly said?: (heard: Heard) => Partial<KeySaid>
  /** The status that it answers to a key that is none; 401 for most. */
  readonly refusal?: (heard: Heard) => boolean
}

interface KeySaid {
  readonly account: string
  /** Why it is dead; empty: it is not. */
  readonly ended: string
  readonly isMaker: boolean
}

const nothingSaid: KeySaid = { account: '', ended: '', isMaker: false }
const dataOf = (heard: Heard): JsonObject => objectOf(objectOf(heard.body)['data'])
const version = { 'anthropic-version': '2023-06-01' }

const models: readonly Models[] = [
  {
    name: 'openai',
    host: 'api.openai.com',
    path: '/v1/models',
    headers: bearer,
    files: { path: '/v1/files?limit=500', pages: byLast('after', 'id', 'has_more') },
  },
  {
    name: 'anthropic',
    host: 'api.anthropic.com',
    path: '/v1/models',
    headers: (secret) => ({ 'x-api-key': secret.reveal(), ...version }),
    files: { path: '/v1/files?limit=500', pages: byWord('page', 'next_page') },
    said: ({ headers }) => ({ account: headers['anthropic-organization-id'] ?? '' }),
  },
  {
    name: 'openrouter',
    host: 'openrouter.ai',
    path: '/api/v1/key',
    headers: bearer,
    files: null,
    said: (heard) => ({
      account: wordOf(dataOf(heard)['workspace_id'] ?? dataOf(heard)['creator_user_id']),
      isMaker: dataOf(heard)['is_management_key'] === true,
    }),
  },
  {
    name: 'groq',
    host: 'api.groq.com',
    path: '/openai/v1/models',
    headers: bearer,
    files: { path: '/openai/v1/files' },
  },
  {
    name: 'xai',
    host: 'api.x.ai',
    path: '/v1/api-key',
    headers: bearer,
    files: null,
    said: ({ body }) => ({ account: wordOf(objectOf(body)['team_id']), ended: stopped(body) }),
    // Its reference names 400 for a key that is none.
    refusal: ({ status, text }) => status === 400 && /api key/i.test(text),
  },
]

/** A key that is blocked or turned off can be turned on again: it is dead today. */
function stopped(body: Json): string {
  const [first] = ['api_key_blocked', 'api_key_disabled', 'team_blocked'].filter(
    (name) => objectOf(body)[name] === true,
  )
  return first === undefined ? '' : `says ${first}`
}

/** A key of an organization (`sk-admin-`), and what a person signed in with, are of another kind: they are not asked about. */
const isPlain = (secret: Secret): boolean =>
  !/^sk-admin-|^sk-ant-(?!api)|^eyJ/.test(secret.reveal())

const deletes: Power = { operation: 'DELETE a file', does: 'destroys', on: 'all' }
const makes: Power = { operation: 'POST /api/v1/keys', does: 'mints', on: [] }

export const sellers: readonly Provider[] = models.map((one): Provider => {
  const { name, host, files } = one
  return {
    name,
    hosts: ({ secret }) => (isPlain(secret) ? [host] : null),
    asks: files === null ? 'whether it is alive' : 'whether it is alive, and the files kept there',
    reach: async ({ secret }, ask): Promise<Reach> => {
      const rest = openRest(ask, host, one.headers(secret))
      const heard = await rest.get(one.path)
      if (one.refusal?.(heard) === true) return { kind: 'dead', why: `${host} refuses it` }
      if (heard.status !== 200) return refusal(heard, host)
      const { account, ended, isMaker } = { ...nothingSaid, ...one.said?.(heard) }
      if (ended !== '') return { kind: 'dead', why: `${host} ${ended}` }
      const kept = files === null ? [] : await rest.list(files.path, 'data', files.pages)
      const things = kept.map((file) => thingOf('file', 'data', file, wordOf(file['filename'])))
      return toldOf(accountOf(name, account), 'one project', {
        unknown: rest.unknown,
        things,
        powers: [
          ...(things.length === 0 ? [] : [deletes]),
          ...(isMaker ? [makes] : []),
          { operation: 'spend money', does: 'changes', on: [] },
          { operation: 'GET', does: 'reads', on: 'all' },
        ],
      })
    },
  }
})
