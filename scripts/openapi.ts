/** The console's API as OpenAPI 3.1, from the shapes that the code itself checks by. */
import { toJsonSchema } from '@valibot/to-json-schema'
import type { JsonSchema } from '@valibot/to-json-schema'
import type { ControlCommand } from '../src/app/control/command.ts'
import { roles } from '../src/app/console/roles.ts'

const proof = {
  description:
    'Signed: take a statement from `/api/statement` for this command and input, have the passkey sign its challenge, and send both beside the input. A one-time code goes in `code` instead, where the policy takes one.',
  properties: {
    approver: { type: 'string', description: 'Who is signed in.' },
    assertion: { $ref: '#/components/schemas/Assertion' },
    code: { type: 'string' },
  },
} as const

const text = { type: 'string' } as const
const bytes = { type: 'string', pattern: '^[A-Za-z0-9_-]*$', description: 'base64url' } as const

function objectOf(properties: { readonly [name: string]: object }): object {
  return { type: 'object', properties, required: Object.keys(properties) }
}

const refusals: Readonly<Record<string, string>> = {
  400: 'the input has another shape',
  401: 'nobody is signed in',
  403: 'refused: not this role, this origin, or this signature',
  409: 'not in this state any more',
}

/** What needs no session, or is about the session itself. */
const own: Readonly<Record<string, readonly [string, object]>> = {
  'sign-in-statement': ['What a passkey signs to come in.', objectOf({ approver: text })],
  'sign-in': [
    'Comes in; sets the cookie, and gives `page`, which every later call carries as `x-firebreak`.',
    objectOf({ approver: text, assertion: { $ref: '#/components/schemas/Assertion' } }),
  ],
  door: ['How people come in here: the name of the company’s own provider, or null.', objectOf({})],
  'oidc-begin': ['Where to go at the provider, and the `state` that must come back.', objectOf({})],
  'oidc-finish': [
    'Comes in with what the provider sent back: answers as `sign-in` does.',
    objectOf({ state: text, search: text }),
  ],
  'sign-out': ['Ends the session.', objectOf({})],
  'push-key': [
    'What a browser subscribes by (`applicationServerKey`); null where nothing is pushed.',
    objectOf({}),
  ],
  'push-subscribe': [
    'This browser is told from now on (W3C Push API).',
    objectOf({ endpoint: text, p256dh: bytes, auth: bytes }),
  ],
  'push-unsubscribe': ['This browser is told no more.', objectOf({ endpoint: text })],
  me: ['Who is signed in.', objectOf({})],
  statement: [
    'What a passkey signs for a command and its input, for some minutes.',
    objectOf({ command: text, input: { type: 'object' } }),
  ],
}

/** The document; the same commands give the same text. */
export function openapiOf(commands: ReadonlyMap<string, ControlCommand>): string {
  const paths: Record<string, object> = {}
  for (const [name, [summary, input]] of Object.entries(own))
    paths[`/api/${name}`] = { post: operation(name, summary, input) }
  for (const [name, command] of [...commands].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const isInvited = ['passkey-open', 'passkey-arrive'].includes(name)
    const role = roles.get(name) ?? (isInvited ? 'nobody signed in, by the invitation' : null)
    if (role === null) continue
    paths[`/api/${name}`] = {
      post: operation(name, `For: ${role}.`, inputOf(command), command.purpose !== null),
    }
  }
  paths['/api/live'] = {
    get: {
      operationId: 'live',
      summary:
        'Server-sent events: `entry` for each entry of the ledger, its number as the id (`Last-Event-ID` goes on from there), and `state` for what waits, rings or is halted.',
      responses: { 200: { description: 'a stream', content: { 'text/event-stream': {} } } },
    },
  }
  const document = {
    openapi: '3.1.0',
    info: {
      title: 'Firebreak console',
      version: '1',
      description:
        'One POST a command, JSON there and back. Calls come from the console’s own origin (`Origin`), carry the session’s cookie and its page secret (`x-firebreak`; `1` before there is one). The command line sends the same commands over the control socket.',
    },
    paths,
    components: {
      responses: Object.fromEntries(
        Object.entries(refusals).map(([status, description]) => [
          status,
          {
            description,
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
          },
        ]),
      ),
      schemas: {
        Assertion: {
          ...objectOf({
            id: bytes,
            clientDataJSON: bytes,
            authenticatorData: bytes,
            signature: bytes,
          }),
          description: 'WebAuthn Level 3, AuthenticatorAssertionResponse.',
        },
        Error: objectOf({
          error: objectOf({ code: text, message: text, hint: { type: ['string', 'null'] } }),
        }),
      },
    },
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

function operation(name: string, summary: string, input: object, isSigned = false): object {
  const schema = isSigned ? { allOf: [input, proof] } : input
  return {
    operationId: name,
    summary,
    requestBody: { required: true, content: { 'application/json': { schema } } },
    responses: {
      200: { description: 'done', content: { 'application/json': {} } },
      ...Object.fromEntries(
        Object.keys(refusals).map((status) => [
          status,
          { $ref: `#/components/responses/${status}` },
        ]),
      ),
    },
  }
}

/** `by` is filled in by the console from who is signed in; what proves a person stands beside the input. */
function inputOf({ schema }: ControlCommand): object {
  const { $schema: _, ...told }: JsonSchema = toJsonSchema(schema, { errorMode: 'ignore' })
  const { by: __, ...properties } = told.properties ?? {}
  const required = (told.required ?? []).filter((name) => name !== 'by')
  return told.type === 'object'
    ? { ...told, properties, required, additionalProperties: true }
    : told
}
