/** `firebreak up`: starts everything and stays until it is told to stop. */
import { url } from 'node:inspector'
import type { TargetEntry } from '../app/config-targets.ts'
import { goesOut } from '../app/header.ts'
import { serve } from '../app/serve.ts'
import type { Running } from '../app/serve.ts'
import { FirebreakError } from '../base/error.ts'
import { exits, parse } from './command.ts'
import type { Command } from './command.ts'
import { configOf, daemonOptions } from './daemon.ts'
import type { Io } from './io.ts'
import { visible } from './table.ts'

export const command: Command = {
  usage: ['firebreak up [--config firebreak.yaml]'],
  run: async (args, io) => {
    refuseDebuggers(io)
    const parsed = parse(args, daemonOptions)
    const config = configOf(parsed)
    const running = await serve(config, (line) => io.note(visible(line)))
    // Where the credential will go is said before anybody hands one over: the config may be somebody else's.
    for (const [name, target] of Object.entries(config.targets))
      io.say(`${name}: ${wayIn(running, name, target)} → ${goesOut(target)}`)
    if (running.console !== null) io.say(`console: ${running.console}`)
    if (config.mode === 'shadow')
      io.note('shadow mode: nothing is refused, what would have been is written down')
    io.give({ url: running.url, targets: Object.keys(config.targets) })
    const signal = await new Promise<string>((resolve) => {
      for (const each of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
        process.once(each, () => resolve(each))
    })
    io.note(`${signal}: stopping`)
    await running.stop()
    return exits.done
  },
}

/** Where clients come in for a target: an address, or a connection string that takes a grant as its password. */
function wayIn({ url: http, postgres }: Running, name: string, { platform }: TargetEntry): string {
  return platform === 'postgres' ? `postgres://agent@${postgres ?? ''}/${name}` : `${http}/${name}`
}

/** A debugger's port is open to every user of the machine, and shows what is in memory: Node opens one at a SIGUSR1 that nobody hears. */
function refuseDebuggers(io: Io): void {
  if (url() !== undefined)
    throw new FirebreakError(
      'wrong_state',
      'a debugger is open: every program on this machine could read the credentials through it',
      'start without `--inspect`; look into NODE_OPTIONS',
    )
  process.on('SIGUSR1', () => io.note('SIGUSR1: ignored, or Node would open a debugger'))
}
