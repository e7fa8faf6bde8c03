/** The console's page as files that a browser loads: one script and one style, each named by its content. */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { OutputFile } from 'esbuild'

/** Makes `index.html`, `app-<hash>.js` and `app-<hash>.css` in `console/dist`, whole at every moment: another process may be serving it. */
export async function bundleConsole(root: string): Promise<string> {
  const [source, out] = [join(root, 'console'), join(root, 'console/dist')]
  const [files, worker] = await Promise.all([
    built(out, [join(source, 'main.tsx'), join(source, 'style.css')]),
    built(out, [join(source, 'worker.ts')]),
  ])
  mkdirSync(out, { recursive: true })
  let page = readFileSync(join(source, 'index.html'), 'utf8')
  const names = new Set(['index.html'])
  for (const { path, contents } of files) {
    const end = path.endsWith('.css') ? 'css' : 'js'
    const hash = createHash('sha256').update(contents).digest('hex').slice(0, 16)
    const name = `app-${hash}.${end}`
    names.add(name)
    page = page.replace(`"app.${end}"`, `"/${name}"`)
    place(join(out, name), contents)
  }
  // A browser knows it by its address and looks there for a newer one.
  for (const { contents } of worker) place(join(out, 'worker.js'), contents)
  names.add('worker.js')
  place(join(out, 'index.html'), page)
  place(join(out, 'openapi.json'), readFileSync(join(root, 'docs/openapi.json')))
  names.add('openapi.json')
  for (const old of readdirSync(out)) if (!names.has(old)) rmSync(join(out, old))
  return out
}

async function built(outdir: string, entryPoints: string[]): Promise<readonly OutputFile[]> {
  const { outputFiles } = await build({
    entryPoints,
    outdir,
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
  return outputFiles
}

function place(file: string, contents: Uint8Array | string): void {
  const beside = `${file}.${process.pid}`
  writeFileSync(beside, contents)
  renameSync(beside, file)
}
