/** One run of pg_dump: the schema of a database, before or after its rows, as text. */
import { spawn } from 'node:child_process'
import { FirebreakError } from '../base/error.ts'
import type { Secret } from '../base/secret.ts'

/** A socket of this machine; where it leads to a session of Firebreak's own, nobody asks for a password. */
export interface DumpPlace {
  /** The folder of the socket `.s.PGSQL.5432`. */
  readonly socket: string
  readonly user: string
  readonly secret: Secret | null
  readonly database: string
  /** Settings of its session, as `-c name=value`. */
  readonly options?: string
}

export interface Asked {
  readonly section: 'pre-data' | 'post-data'
  /** Null: of the moment in which it runs. */
  readonly snapshot: string | null
}

const maxMs = 600_000
const maxBytes = 256 * 1024 * 1024

/**
 * No large objects, since they would come as calls and not as data; no subscriptions, which hold a password of another server;
 * no labels, since their provider is not there where it is restored.
 */
const always = [
  '-B',
  '--no-subscriptions',
  '--no-security-labels',
  '--no-password',
  '--lock-wait-timeout=10000',
]

/** Throws with pg_dump's own line where it does not come to its end. */
export async function dumpSection(
  program: string,
  { socket, user, secret, database, options }: DumpPlace,
  { section, snapshot }: Asked,
): Promise<string> {
  const child = spawn(
    program,
    [...always, `--section=${section}`, ...(snapshot === null ? [] : [`--snapshot=${snapshot}`])],
    {
      cwd: '/',
      // Nothing of this process's own: no password file, no service, no other host.
      env: {
        HOME: '/nonexistent',
        LC_ALL: 'C',
        PGHOST: socket,
        PGPORT: '5432',
        PGUSER: user,
        PGDATABASE: database,
        PGCLIENTENCODING: 'UTF8',
        PGGSSENCMODE: 'disable',
        ...(secret === null ? {} : { PGPASSWORD: secret.reveal() }),
        ...(options === undefined ? {} : { PGOPTIONS: options }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: maxMs,
      killSignal: 'SIGKILL',
    },
  )
  const pieces: Buffer[] = []
  let [length, said] = [0, '']
  child.stdout.on('data', (piece: Buffer) => {
    length += piece.length
    if (length > maxBytes) child.kill('SIGKILL')
    else pieces.push(piece)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (said.length < 10_000) said += text
  })
  const ended = await new Promise<string>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(signal ?? String(code)))
  })
  // What is no UTF-8 could not be brought back as it was.
  const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces))
  if (ended === '0' && text.includes('\n-- PostgreSQL database dump complete\n')) return text
  throw new FirebreakError('wrong_state', `pg_dump did not come to its end: ${wordOf(said, ended)}`)
}

/** `pg_dump 15.18`, as the text says. */
export function writerOf(text: string): string {
  const version = /^-- Dumped by pg_dump version (\d+(?:\.\d+)?)/m.exec(text.slice(0, 2000))?.[1]
  if (version !== undefined) return `pg_dump ${version}`
  throw new FirebreakError('broken_store', 'the text of pg_dump does not say who wrote it')
}

/** What it said, in one line without anything that moves a cursor. */
function wordOf(said: string, ended: string): string {
  const line = /^.*\berror: (.*)$/m.exec(said)?.[1] ?? `it ended with ${ended}`
  return line.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?').slice(0, 200)
}
