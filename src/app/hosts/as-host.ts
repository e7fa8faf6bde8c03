/** How each host starts a hook that stands in its files: which shell, where, and in which environment. */
import { join } from 'node:path'
import type { Installed, Place } from './host.ts'
import type { Start } from './fire.ts'
import { pluginWords } from './opencode-plugin.ts'
import { plainWords } from './own-hook.ts'

/**
 * The process that this host would start; null where its file says more than to ask our hook, so that nobody knows
 * what it would run. A hook that is asked by HTTP starts none.
 */
export function startOf(
  installed: Installed,
  payload: string,
  place: Place,
  node: string,
): Start | null {
  const { fires, file } = installed
  const at = { cwd: cwdOf(installed, place), env: envOf(installed.host, place), stdin: payload }
  switch (fires.kind) {
    case 'shell':
      return plainWords(fires.text) === null
        ? null
        : { ...at, ...shelled(installed.host, fires.text, payload, place) }
    case 'argv': {
      const [program = '', ...args] = fires.argv
      return { ...at, program, args }
    }
    case 'plugin':
      return pluginWords(place.read(file) ?? '') === null
        ? null
        : {
            ...at,
            program: node,
            args: ['--no-warnings', '--input-type=module', '-e', loader, '--', file],
          }
    case 'http':
      return null
  }
}

function shelled(
  host: string,
  text: string,
  payload: string,
  { env }: Place,
): Pick<Start, 'program' | 'args' | 'stdin'> {
  // Cursor writes the payload into the shell's own text.
  if (host === 'cursor') {
    const line = `${text} <<'CURSOR_HOOK_EOF'\n${payload}\nCURSOR_HOOK_EOF\n`
    return { program: 'sh', args: ['-c', line], stdin: '' }
  }
  // A login shell: what slows it down slows down each call.
  if (host === 'codex')
    return { program: env['SHELL'] ?? 'sh', args: ['-lc', text], stdin: payload }
  const program = ['gemini', 'copilot', 'kiro'].includes(host) ? 'bash' : 'sh'
  return { program, args: ['-c', text], stdin: payload }
}

function cwdOf({ host, scope }: Installed, { checkout, home }: Place): string {
  return host === 'cursor' && scope === 'home' ? join(home, '.cursor') : checkout
}

/** Variables by which a host tells its hooks where they are. */
const told: Readonly<Record<string, readonly string[]>> = {
  cursor: ['CURSOR_PROJECT_DIR', 'CLAUDE_PROJECT_DIR'],
  'claude-code': ['CLAUDE_PROJECT_DIR'],
  gemini: ['GEMINI_PROJECT_DIR', 'CLAUDE_PROJECT_DIR'],
}

function envOf(host: string, { env, checkout }: Place): Readonly<Record<string, string>> {
  const own = Object.entries(env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  )
  const more = (told[host] ?? []).map((name) => [name, checkout])
  return Object.fromEntries([...own, ...more])
}

/** Loads a plugin and asks it as OpenCode does; what it throws is a no. */
const loader = `
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
const { tool, args, cwd } = JSON.parse(readFileSync(0, 'utf8'))
const plugin = await import(pathToFileURL(process.argv[1]).href)
let ask = null
if (plugin.default === undefined) {
  const hooks = await plugin.Firebreak({ directory: cwd })
  ask = () => hooks['tool.execute.before']({ tool, sessionID: 'canary', callID: 'canary' }, { args })
} else {
  await plugin.default.setup({ tool: { hook: (_, run) => (ask = () => run({ tool, input: args })) } })
}
try {
  await ask()
} catch (thrown) {
  process.stderr.write(thrown.message)
  process.exitCode = 2
}
`
