/** The hook as a program of its own, which is bundled into one file: `hook.mjs AGENT`. */
import { runHook } from '../app/hook.ts'

// Whatever breaks, the code is the one that hosts take for a no.
process.on('uncaughtException', () => process.exit(2))
process.exit(await runHook(process.argv.findLast((arg) => !arg.startsWith('-')) ?? ''))
