/** The command line: finds the command, runs it, and turns a fault into one clear line and an exit code. */
import { FirebreakError, messageOf } from '../base/error.ts'
import { environment } from '../app/environment.ts'
import { exitOf, exits } from './command.ts'
import { commands } from './commands.ts'
import { openIo } from './io.ts'
import type { Io } from './io.ts'
import { visible } from './table.ts'

async function main(argv: readonly string[]): Promise<number> {
  const io = openIo({
    json: argv.includes('--json'),
    quiet: argv.includes('--quiet'),
    noColor: environment('NO_COLOR') !== null,
    plain: environment('TERM') === 'dumb',
  })
  const [name = 'help', ...rest] = argv.filter((arg) => arg !== '--json' && arg !== '--quiet')
  if (['help', '--help', '-h'].includes(name)) return await help(rest[0] ?? null, io)
  if (['version', '--version'].includes(name)) return await tellVersion(io)
  const listed = commands.get(name)
  if (listed === undefined) {
    io.note(`firebreak: there is no command \`${name}\`; see \`firebreak help\``)
    return exits.usage
  }
  try {
    if (rest.includes('--help')) return await help(name, io)
    return await (await listed.load()).command.run(rest, io)
  } catch (thrown) {
    const hint = thrown instanceof FirebreakError ? thrown.hint : null
    process.stderr.write(
      `firebreak: ${visible(messageOf(thrown))}\n${hint === null ? '' : `  ${visible(hint)}\n`}`,
    )
    return exitOf(thrown)
  }
}

async function tellVersion(io: Io): Promise<number> {
  const { version } = await import('../app/version.ts')
  io.say(version())
  io.give({ version: version() })
  return exits.done
}

async function help(name: string | null, { say }: Io): Promise<number> {
  const listed = name === null ? undefined : commands.get(name)
  if (listed !== undefined) {
    say(listed.summary)
    for (const line of (await listed.load()).command.usage) say(`  ${line}`)
    return exits.done
  }
  say('firebreak: the layer between AI agents and your infrastructure')
  say('')
  for (const [each, { summary }] of commands) say(`  ${each.padEnd(10)} ${summary}`)
  say('')
  say(
    '`firebreak help COMMAND` tells how to call one; --json, --quiet and --config FILE go with each',
  )
  return exits.done
}

// A reader that has seen enough (`| head`) ends it, and nobody shall take that for `done`: as the shell says it of a tool that a closed pipe ends (128 + SIGPIPE).
process.stdout.on('error', () => process.exit(141))
process.exitCode = await main(process.argv.slice(2))
