/** The plugin that OpenCode asks before a tool is run, as a file of ours alone. */
import type { HookCommand } from './host.ts'
import { wordsFor } from './own-hook.ts'

/** The 1.x and the 2.x of it have another form of plugin. */
export type Generation = 1 | 2

const firsts: Readonly<Record<Generation, string>> = {
  1: "/** Firebreak's hook for OpenCode 1.18.29 and later 1.x: put it into `.opencode/plugins/firebreak.js`. A tool whose call throws here is not run. */",
  2: "/** Firebreak's hook for OpenCode 2: put it into `.opencode/plugins/firebreak.js`. A tool whose call throws here is not run. */",
}

/** The file, the same as in docs/hooks where Firebreak is found as `firebreak`. */
export function pluginText(command: HookCommand, generation: Generation): string {
  const [program = '', ...args] = wordsFor(command, 'opencode').map(quotedJs)
  const spawn = `spawnSync(${program}, [${args.join(', ')}], {`
  return `${firsts[generation]}\nimport { spawnSync } from 'node:child_process'\n\n${bodies[generation](spawn)}`
}

/** True for a file that is one of ours, whatever program it asks. */
export function isPlugin(text: string): boolean {
  return Object.values(firsts).some((first) => text.startsWith(first.slice(0, first.indexOf(':'))))
}

/** The words that a plugin of ours asks with; null where it is not one that we wrote. */
export function pluginWords(
  text: string,
): { readonly argv: readonly string[]; readonly generation: Generation } | null {
  const [, program = '', args = ''] =
    /\bspawnSync\(('(?:[^'\\\n]|\\.)*'), \[([^\]\n]*)\], \{/.exec(text) ?? []
  const words = [program, ...args.split(/, (?=')/)].map(unquotedJs)
  for (const generation of [1, 2] as const) {
    const argv = words.flatMap((word) => (word === null ? [] : [word]))
    const command = { argv: argv.slice(0, argv.at(-2) === 'hook' ? -2 : -1) }
    if (text.replaceAll('\r\n', '\n') === pluginText(command, generation))
      return { argv, generation }
  }
  return null
}

const bodies: Readonly<Record<Generation, (spawn: string) => string>> = {
  1: (spawn) => `export const Firebreak = async ({ directory }) => ({
  'tool.execute.before': async ({ tool }, { args }) => {
    const { status, stderr } = ${spawn}
      input: JSON.stringify({ tool, args, cwd: directory }),
      encoding: 'utf8',
      timeout: 10_000,
    })
    // Anything but a plain yes is a no: also where Firebreak is not found, or has not answered.
    if (status !== 0)
      throw new Error(stderr?.trim() || 'Firebreak did not answer. Nothing was run.')
  },
})
`,
  2: (spawn) => `export default {
  id: 'firebreak',
  setup: (ctx) =>
    ctx.tool.hook('execute.before', ({ tool, input }) => {
      const { status, stderr } = ${spawn}
        input: JSON.stringify({ tool, args: input, cwd: process.cwd() }),
        encoding: 'utf8',
        timeout: 10_000,
      })
      // Anything but a plain yes is a no: also where Firebreak is not found, or has not answered.
      if (status !== 0)
        throw new Error(stderr?.trim() || 'Firebreak did not answer. Nothing was run.')
    }),
}
`,
}

function quotedJs(word: string): string {
  return `'${JSON.stringify(word).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

function unquotedJs(word: string): string | null {
  try {
    const text: unknown = JSON.parse(
      `"${word.slice(1, -1).replaceAll("\\'", "'").replaceAll('"', '\\"')}"`,
    )
    return typeof text === 'string' ? text : null
  } catch {
    // Nobody of ours wrote it.
    return null
  }
}
