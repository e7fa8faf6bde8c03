/** Firebreak's hook for OpenCode 1.18.29 and later 1.x: put it into `.opencode/plugins/firebreak.js`. A tool whose call throws here is not run. */
import { spawnSync } from 'node:child_process'

export const Firebreak = async ({ directory }) => ({
  'tool.execute.before': async ({ tool }, { args }) => {
    const { status, stderr } = spawnSync('firebreak', ['hook', 'opencode'], {
      input: JSON.stringify({ tool, args, cwd: directory }),
      encoding: 'utf8',
      timeout: 10_000,
    })
    // Anything but a plain yes is a no: also where Firebreak is not found, or has not answered.
    if (status !== 0)
      throw new Error(stderr?.trim() || 'Firebreak did not answer. Nothing was run.')
  },
})
