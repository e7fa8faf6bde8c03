/** A way into a session of Firebreak's own for one program of this machine: it finds the session logged in, and learns no password. */
import { chmod } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { join } from 'node:path'
import { writeAuthentication, writeReady } from '../../wire/postgres/back.ts'
import { readStart } from '../../wire/postgres/start.ts'
import { inTime } from './client.ts'
import type { Dial } from './client.ts'
import { openInbox } from './inbox.ts'
import type { Upstream } from './upstream.ts'

export interface Lead {
  /** The server's process of this session; null where it does not say. */
  readonly process: number | null
  /** Fulfils when the session has ended, whoever ended it. */
  readonly ended: Promise<void>
  /** Ends the session, whoever is in it. */
  close(): Promise<void>
}

/** Listens on `.s.PGSQL.5432` in the folder, which must be of nobody else, for one caller. Throws as `openClient`. */
export async function openLead(dial: Dial, folder: string): Promise<Lead> {
  const upstream = await inTime(dial)
  const ended = new Promise<void>((resolve) => upstream.socket.once('close', () => resolve()))
  const server = createServer()
  const close = async (): Promise<void> => {
    upstream.socket.destroy()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
    await ended
  }
  try {
    const path = join(folder, '.s.PGSQL.5432')
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(path, resolve)
    })
    await chmod(path, 0o600)
    server.once('connection', (caller) => void serve(caller, server, upstream))
    return { process: upstream.key?.process ?? null, ended, close }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

/** One caller, once; what ends either side ends the other. */
async function serve(caller: Socket, server: Server, upstream: Upstream): Promise<void> {
  server.close()
  const target = upstream.socket
  target.once('close', () => caller.destroy())
  caller.once('close', () => target.destroy())
  caller.on('error', () => caller.destroy())
  try {
    const inbox = openInbox(caller)
    for (;;) {
      const frame = await inbox.next('start')
      if (frame === null) throw new Error('it hung up')
      const { kind } = readStart(frame)
      if (kind === 'begin') break
      if (kind === 'cancel') throw new Error('it asks for no session')
      caller.write('N')
    }
    for (const frame of [
      writeAuthentication({ kind: 'ok' }),
      ...upstream.greeting,
      writeReady('I'),
    ])
      caller.write(frame)
    caller.write(upstream.leave())
    target.write(inbox.leave())
    caller.pipe(target)
    target.pipe(caller)
  } catch {
    // Whoever waits for the program sees what it says; nobody else is to be told.
    caller.destroy()
  }
}
