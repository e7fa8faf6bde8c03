/** Has a bundle start a module when its first name is used, and not when the bundle starts: most calls of a hook need a few of them. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { transform } from 'esbuild'
import type { Plugin } from 'esbuild'
import { lazyTable } from './lazy-tables.ts'

/** For our own modules, which do nothing when they are imported but make what they export. */
export const lazyModules: Plugin = {
  name: 'lazy-modules',
  setup: (made) => {
    // Under a name of its own: esbuild would take a file of this package for no CommonJS.
    made.onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path),
      namespace: 'lazy',
    }))
    made.onLoad({ filter: /^/, namespace: 'lazy' }, async ({ path }) => {
      const text = await lazyTable(path, readFileSync(path, 'utf8'))
      return { contents: await lazily(text, path), loader: 'js', resolveDir: dirname(path) }
    })
  },
}

/** The module as CommonJS, with each `require` at the place where a name of it is used. */
async function lazily(text: string, path: string): Promise<string> {
  const { code } = await transform(text, {
    loader: 'ts',
    format: 'cjs',
    platform: 'node',
    target: 'node24',
  })
  const [, names = '', body = ''] = form.exec(code) ?? []
  if (body === '') throw new Error(`esbuild has written ${path} in a form that is not known here`)
  const exported = names.replaceAll(/^ {2}(\w+): \(\) => (\w+)(,?)$/gm, 'get $1() { return $2 }$3')
  return `module.exports = {\n${exported}\n}\n${body
    .replaceAll(/^var (import_\w+) = (require\("[^"]+"\));$/gm, 'const $1 = () => $2')
    .replaceAll(/\b(import_\w+)\./g, '($1()).')
    .replaceAll(/\bimport\("([^"]+)"\)/g, (_, other: string) => broughtFrom(path, other))}`
}

/** What most calls never need stays outside, where the built sources lie. V8 asks whoever started a script for its imports: it is a call instead. */
function broughtFrom(path: string, other: string): string {
  const whole = join(dirname(path), other)
  const beside = whole.slice(whole.lastIndexOf('/src/')).replace(/\.ts$/, '.js')
  return `bring(${JSON.stringify(`.${beside}`)})`
}

const form =
  /__export\(stdin_exports, \{\n([\s\S]*?)\n\}\);\nmodule\.exports = __toCommonJS\(stdin_exports\);\n([\s\S]*?)(?:\/\/ Annotate the CommonJS|$)/
