/** The hook as it is started before each call of an agent's tools: one bundle, and the few lines that have V8 keep what it has made of it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Plugin } from 'esbuild'

/** Writes `hook.cjs` and `hook-judge.cjs` into `out`, where the built sources lie under `src/`; gives the first. */
export async function bundleHook(root: string, out: string): Promise<string> {
  await build({
    entryPoints: [join(root, 'src/cli/hook-main.ts')],
    outfile: join(out, 'hook-judge.cjs'),
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    // As CommonJS it starts several milliseconds earlier than as a module (docs/performance.md).
    format: 'cjs',
    legalComments: 'none',
    plugins: [restBeside],
  })
  const file = join(out, 'hook.cjs')
  writeFileSync(file, starter)
  return file
}

/** Where it cannot start, the code is the one that hosts take for a no. */
const starter = `'use strict'
try {
  require('node:module').enableCompileCache(require('node:path').join(__dirname, '.cache'))
  require('./hook-judge.cjs')
} catch (thrown) {
  process.stderr.write(\`firebreak: the hook cannot start: \${thrown.message}\\n\`)
  process.exit(2)
}
`

/** What most calls never need is loaded from beside it. */
const restBeside: Plugin = {
  name: 'rest-beside',
  setup: (made) => {
    made.onResolve({ filter: /\/classify\/payload-\w+\.ts$/ }, ({ path, kind }) =>
      kind === 'dynamic-import'
        ? { path: path.replace(/^.*\/classify\/(.*)\.ts$/, './src/classify/$1.js'), external: true }
        : null,
    )
    made.onResolve({ filter: /^\.\/hook-ask\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './src/app/hook-ask.js', external: true } : null,
    )
  },
}
