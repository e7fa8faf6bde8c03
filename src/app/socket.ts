/** The control socket: how a person's commands reach the daemon on this machine; JSON over HTTP on a Unix socket. */
import { chmodSync, rmSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import { FirebreakError, messageOf } from '../base/error.ts'
import type { ErrorCode } from '../base/error.ts'
import { isObject, parseJson, toJson } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { mustTrust } from './folder.ts'
import { readAll } from './read-all.ts'

/** Answers one command; throws `FirebreakError` for the caller to read. */
export type Answer = (command: string, input: JsonObject) => Promise<Json>

/** Listens on a socket file that only this user may open (0600); a stale file is replaced. */
export async function listenControl(file: string, answer: Answer): Promise<Server> {
  rmSync(file, { force: true })
  const server = createServer((incoming, outgoing) => {
    void answerTo(incoming, answer).then((body) =>
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(file, resolve)
  })
  chmodSync(file, 0o600)
  return server
}

/** Sends one command; throws what the daemon refused with, `not_reachable` where none answers, `bad_config` for another user's socket. */
export async function callControl(file: string, command: string, input: JsonObject): Promise<Json> {
  mustTrust(file)
  const text = await post(file, JSON.stringify({ command, input }))
  const body = parseJson(text)
  if (!isObject(body)) throw new FirebreakError('internal', 'the daemon answered nonsense')
  const error = body['error']
  if (error === undefined || !isObject(error)) return body['result'] ?? null
  const code = error['code']
  const known: ErrorCode = isCode(code) ? code : 'internal'
  const { message, hint } = error
  throw new FirebreakError(
    known,
    typeof message === 'string' ? message : 'refused',
    typeof hint === 'string' ? hint : null,
  )
}

async function answerTo(incoming: IncomingMessage, answer: Answer): Promise<JsonObject> {
  try {
    const body = parseJson(await readAll(incoming))
    const command = isObject(body) ? body['command'] : null
    const input = isObject(body) ? (body['input'] ?? {}) : {}
    if (typeof command !== 'string' || !isObject(input))
      throw new FirebreakError('bad_input', 'a control request has a command and an input')
    return { result: await answer(command, input) }
  } catch (thrown) {
    // Whatever broke, the person at the other end is told; nothing was done.
    if (!(thrown instanceof FirebreakError))
      return { error: { code: 'internal', message: messageOf(thrown), hint: null } }
    return { error: toJson({ code: thrown.code, message: thrown.message, hint: thrown.hint }) }
  }
}

function post(socketPath: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, method: 'POST', path: '/' }, (incoming) => {
      readAll(incoming).then(resolve, reject)
    })
    outgoing.on('error', (cause) =>
      reject(
        new FirebreakError(
          'not_reachable',
          'no Firebreak answers on this state folder',
          'start it with `firebreak up`, or name its config with `--config`',
          cause,
        ),
      ),
    )
    outgoing.end(body)
  })
}

const codes: Readonly<Record<ErrorCode, true>> = {
  bad_config: true,
  bad_input: true,
  bad_policy: true,
  broken_ledger: true,
  broken_store: true,
  custody_locked: true,
  factor_refused: true,
  grant_refused: true,
  halted: true,
  internal: true,
  not_found: true,
  not_reachable: true,
  port_in_use: true,
  too_large: true,
  wrong_state: true,
}

function isCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(codes, value)
}
