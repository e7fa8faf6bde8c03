/** The hook as one file, as it is started before each call of an agent's tools; the grammars stay beside it, for the few texts that need them. */
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Plugin } from 'esbuild'

/** Writes `hook.mjs` into `out`, where the built sources lie under `src/`. */
export async function bundleHook(root: string, out: string): Promise<string> {
  const file = join(out, 'hook.mjs')
  await build({
    entryPoints: [join(root, 'src/cli/hook-main.ts')],
    outfile: file,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    legalComments: 'none',
    plugins: [grammarsBeside],
  })
  return file
}

const grammarsBeside: Plugin = {
  name: 'grammars-beside',
  setup: ({ onResolve }) => {
    onResolve({ filter: /\/classify\/payload-\w+\.ts$/ }, ({ path, kind }) =>
      kind === 'dynamic-import'
        ? { path: path.replace(/^.*\/classify\/(.*)\.ts$/, './src/classify/$1.js'), external: true }
        : null,
    )
  },
}
