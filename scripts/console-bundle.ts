/** The console's page as files that a browser loads: one script and one style, each named by its content. */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

/** Makes `index.html`, `app-<hash>.js` and `app-<hash>.css` in `console/dist`, whole at every moment: another process may be serving it. */
export async function bundleConsole(root: string): Promise<string> {
  const [source, out] = [join(root, 'console'), join(root, 'console/dist')]
  const { outputFiles } = await build({
    entryPoints: [join(source, 'main.tsx'), join(source, 'style.css')],
    outdir: out,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    tsconfigRaw: '{}',
    write: false,
  })
  mkdirSync(out, { recursive: true })
  let page = readFileSync(join(source, 'index.html'), 'utf8')
  const names = new Set(['index.html'])
  for (const { path, contents } of outputFiles) {
    const end = path.endsWith('.css') ? 'css' : 'js'
    const hash = createHash('sha256').update(contents).digest('hex').slice(0, 16)
    const name = `app-${hash}.${end}`
    names.add(name)
    page = page.replace(`"app.${end}"`, `"/${name}"`)
    place(join(out, name), contents)
  }
  place(join(out, 'index.html'), page)
  place(join(out, 'openapi.json'), readFileSync(join(root, 'docs/openapi.json')))
  names.add('openapi.json')
  for (const old of readdirSync(out)) if (!names.has(old)) rmSync(join(out, old))
  return out
}

function place(file: string, contents: Uint8Array | string): void {
  const beside = `${file}.${process.pid}`
  writeFileSync(beside, contents)
  renameSync(beside, file)
}
