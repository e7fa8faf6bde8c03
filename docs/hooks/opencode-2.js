/** Firebreak's hook for OpenCode 2: put it into `.opencode/plugins/firebreak.js`. A tool whose call throws here is not run. */
import { spawnSync } from 'node:child_process'

export default {
  id: 'firebreak',
  setup: (ctx) =>
    ctx.tool.hook('execute.before', ({ tool, input }) => {
      const { status, stderr } = spawnSync('firebreak', ['hook', 'opencode'], {
        input: JSON.stringify({ tool, args: input, cwd: process.cwd() }),
        encoding: 'utf8',
        timeout: 10_000,
      })
      // Anything but a plain yes is a no: also where Firebreak is not found, or has not answered.
      if (status !== 0)
        throw new Error(stderr?.trim() || 'Firebreak did not answer. Nothing was run.')
    }),
}
