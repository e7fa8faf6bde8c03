/** The command line as a process of its own. */
import { execFile } from 'node:child_process'
import type { ExecFileOptions } from 'node:child_process'
import { join } from 'node:path'

/** All that it said, and behind it `exit N` where that is not 0. Its stdin is at its end. */
export async function firebreak(
  args: readonly string[],
  options: ExecFileOptions = {},
): Promise<string> {
  const bin = join(import.meta.dirname, '../bin/firebreak')
  return await new Promise((resolve) => {
    const child = execFile(process.execPath, [bin, ...args], options, (error, out, err) =>
      resolve(`${String(out)}${String(err)}${error === null ? '' : `exit ${error.code}`}`),
    )
    child.stdin?.end()
  })
}
