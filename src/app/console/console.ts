/** The console, composed: sessions first, since commands end them too; then its listener over all commands. */
import type { Server } from 'node:http'
import * as v from 'valibot'
import { toJson } from '../../base/json.ts'
import { FirebreakError } from '../../base/error.ts'
import { addressOf } from '../address.ts'
import type { Firebreak } from '../compose.ts'
import { by, command } from '../control/command.ts'
import type { ControlCommand } from '../control/command.ts'
import { siteOf } from '../site.ts'
import { realChance } from '../world.ts'
import { openApi } from './api.ts'
import { openAuthorization } from './authorization.ts'
import { pageFiles } from './files.ts'
import { consoleServer } from './listener.ts'
import { openLive } from './live.ts'
import { openSessions } from './sessions.ts'
import type { Sessions } from './sessions.ts'

/** A session whose cookie somebody else holds too is an alarm. */
export function sessionsOf({ clock, notices }: Firebreak): Sessions {
  return openSessions(clock, realChance, ({ name }, how) => {
    notices.tell('session', `a session of \`${name}\` was ended: ${how}`, 'console')
  })
}

/** Control commands about who is signed in at the console. */
export function sessionCommands(sessions: Sessions): Readonly<Record<string, ControlCommand>> {
  return {
    'session-list': command(
      v.strictObject({ by }),
      async () =>
        await Promise.resolve(
          sessions.list().map(({ id, name, since, until }) => ({ id, name, since, until })),
        ),
    ),
    /** `who`: a session, a name, or `all`. */
    'session-end': command(
      v.strictObject({ who: v.pipe(v.string(), v.maxLength(80)), by }),
      async (_, { who }) => {
        const ended = sessions.end(({ id, name }) => who === 'all' || id === who || name === who)
        if (ended === 0) throw new FirebreakError('not_found', `nobody is signed in as \`${who}\``)
        return await Promise.resolve(toJson({ ended }))
      },
    ),
  }
}

export interface RunningConsole {
  readonly url: string
  readonly close: () => void
}

/** Null where the config names no console. */
export function startConsole(
  firebreak: Firebreak,
  {
    sessions,
    commands,
    gateway,
  }: {
    readonly sessions: Sessions
    readonly commands: ReadonlyMap<string, ControlCommand>
    /** Where agents come in. */
    readonly gateway: string
  },
  {
    log,
    listen,
  }: {
    readonly log: (line: string) => void
    readonly listen: (server: Server, where: string) => Promise<string>
  },
): Promise<RunningConsole | null> {
  const page = firebreak.config.console
  if (page === undefined) return Promise.resolve(null)
  const { host } = addressOf(page.listen)
  if (page.tls === undefined && !['127.0.0.1', 'localhost'].includes(host))
    throw new FirebreakError(
      'bad_config',
      `the console would answer \`${page.listen}\` without a certificate`,
      'give `console.tls`, or listen on 127.0.0.1 and put a proxy with a certificate before it',
    )
  const files = pageFiles()
  if (files.size === 0) log('console: its page is not built: `npm run build`')
  const live = openLive(firebreak, log)
  const server = consoleServer({
    site: siteOf(firebreak.config),
    api: openApi(firebreak, sessions, commands),
    authorization: openAuthorization(firebreak, Number(new URL(gateway).port)),
    live,
    sessions,
    files,
    tls: page.tls ?? null,
    log,
  })
  return listen(server, page.listen).then(() => ({
    url: siteOf(firebreak.config).origin,
    close: () => {
      live.close()
      server.close()
      server.closeAllConnections()
    },
  }))
}
