/** `firebreak up`: starts everything and stays until it is told to stop. */
import { serve } from '../app/serve.ts'
import { exits, parse } from './command.ts'
import type { Command } from './command.ts'
import { configOf, daemonOptions } from './daemon.ts'
import { visible } from './table.ts'

export const command: Command = {
  usage: ['firebreak up [--config firebreak.yaml]'],
  run: async (args, io) => {
    const parsed = parse(args, daemonOptions)
    const config = configOf(parsed)
    const running = await serve(config, (line) => io.note(visible(line)))
    for (const name of Object.keys(config.targets)) io.say(`${name}: ${running.url}/${name}`)
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
