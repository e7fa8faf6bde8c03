/** The hook as it is started before each call of an agent's tools: the judge as one bundle, and a small file that starts it. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import type { BuildOptions } from 'esbuild'
import { lazyModules } from './lazy-modules.ts'

// As CommonJS it starts several milliseconds earlier than as a module (docs/performance.md).
const options = {
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  legalComments: 'none',
} satisfies BuildOptions

/** Writes `hook.cjs` and `hook-judge.cjs` into `out`, where the built sources lie under `src/`; gives the first. */
export async function bundleHook(root: string, out: string): Promise<string> {
  const judge = join(out, 'hook-judge.cjs')
  await bundleLazily(join(root, 'src/cli/hook-judge.ts'), judge)
  const digest = createHash('sha256').update(readFileSync(judge)).digest('hex')
  const file = join(out, 'hook.cjs')
  await build({
    ...options,
    entryPoints: [join(root, 'src/cli/hook-start.ts')],
    outfile: file,
    define: {
      bundleDigest: JSON.stringify(digest.slice(0, 16)),
      'import.meta.dirname': '__dirname',
    },
  })
  return file
}

/** A module with all that it needs, as a function of `module`, `require` and what brings the modules that lie beside it; each part is started when it is first used. */
export async function bundleLazily(entry: string, outfile: string): Promise<void> {
  const { outputFiles } = await build({
    ...options,
    entryPoints: [entry],
    write: false,
    banner: { js: '(function (module, require, bring) {' },
    footer: { js: '})' },
    plugins: [lazyModules],
  })
  // Read as ASCII it takes half of the memory; esbuild leaves other letters only in patterns, where this says the same.
  const text = (outputFiles[0]?.text ?? '').replaceAll(
    /[^\0-\x7f]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  mkdirSync(dirname(outfile), { recursive: true })
  writeFileSync(outfile, text)
}
