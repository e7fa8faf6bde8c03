/** `firebreak mcp`: what an agent starts in the place of an MCP server. It has a grant, passes lines on to the daemon, and decides nothing. */
import { environment } from '../app/environment.ts'
import { openBridge } from '../app/mcp-bridge.ts'
import { FirebreakError } from '../base/error.ts'
import { exits, parse, usage } from './command.ts'
import type { Command } from './command.ts'

export const command: Command = {
  usage: [
    'firebreak mcp NAME [--url http://127.0.0.1:7077]   the MCP server `targets.NAME`, over stdin and stdout',
    'firebreak mcp                                      Firebreak’s own: what would go, where a hold stands',
  ],
  run: async (args) => {
    const parsed = parse(args, { url: { type: 'string' } })
    const [name, ...more] = parsed.positionals
    if (more.length > 0) throw usage(`\`${more[0] ?? ''}\` is one argument too many`)
    if (name !== undefined && !/^[a-z][a-z0-9-]{0,39}$/.test(name))
      throw usage(`\`${name}\` is no name of a target`)
    const grant = environment('FIREBREAK_GRANT')
    if (grant === null)
      throw new FirebreakError(
        'bad_input',
        'no grant: `FIREBREAK_GRANT` is not set',
        'put the text that `firebreak grant mint` gave into the environment of this server',
      )
    const base = parsed.text('url') ?? environment('FIREBREAK_URL') ?? 'http://127.0.0.1:7077'
    const bridge = openBridge({
      url: `${base.replace(/\/$/, '')}/${name ?? '.firebreak/mcp'}`,
      grant,
      say: (line) => void process.stdout.write(`${line}\n`),
    })
    await bridge.pipe(process.stdin)
    return exits.done
  },
}
