/** Builds `dist` for the package: the sources as JavaScript, the policy texts and schemas beside them, the console's page and the hook. */
import { execFileSync } from 'node:child_process'
import { cpSync, globSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { bundleConsole } from './console-bundle.ts'
import { bundleHook } from './hook-bundle.ts'

const root = join(import.meta.dirname, '..')
rmSync(join(root, 'dist'), { recursive: true, force: true })
// Whether the types are right is checked by itself (`npm run types`): here it would be most of the time.
execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json', '--noCheck'], {
  cwd: root,
  stdio: 'inherit',
})
for (const file of globSync('{src,sim}/**/*.{cedar,cedarschema,graphql,json}', { cwd: root }))
  cpSync(join(root, file), join(root, 'dist', file))
cpSync(await bundleConsole(root), join(root, 'dist/console/dist'), { recursive: true })
await bundleHook(root, join(root, 'dist'))
