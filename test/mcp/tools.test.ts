/** The figures of docs/mcp.md: what is held of the tools of well-known servers, and what should not be. */
import { expect, test } from 'vitest'
import { isQuiet, judgedTools } from './tools.ts'

/** What is known to be judged wrongly, with the reason in docs/mcp.md. */
const known = new Set(['configuration_view', 'git_branch', 'restore_project', 'pg_backups', 'esql'])

test.each(['tools.tsv', 'tools-unseen.tsv'])(
  'of %s what is grave is held, and nothing else',
  async (file) => {
    const judged = await judgedTools(file)
    const wrong = judged.filter((row) => isQuiet(row) !== (row.verdict === 'allow'))
    expect(wrong.map(({ tool }) => tool).filter((tool) => !known.has(tool))).toEqual([])
    const quiet = judged.filter(isQuiet)
    expect(wrong.filter(isQuiet).length / quiet.length).toBeLessThanOrEqual(0.01)
  },
)
