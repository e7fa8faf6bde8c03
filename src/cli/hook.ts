/** `firebreak hook AGENT`: what an agent's host asks before each call of a tool. `bin/firebreak` starts the same without the rest of the command line. */
import { runHook } from '../app/hook.ts'
import { parse, usage } from './command.ts'
import type { Command } from './command.ts'

export const command: Command = {
  usage: [
    'firebreak hook cursor|claude-code|codex|gemini|copilot|opencode|windsurf|kiro',
    '                                               reads the host’s JSON on stdin and answers in its own form; docs/hooks.md tells how to set it up',
  ],
  run: async (args) => {
    const [name, ...more] = parse(args, {}).positionals
    if (name === undefined || more.length > 0) throw usage('name one agent')
    process.exit(await runHook(name))
  },
}
