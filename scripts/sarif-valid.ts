/**
 * `npm run sarif`: what `firebreak scan --sarif` writes, held to SARIF 2.1.0 by Microsoft's own validator, which carries the schema and the rules beyond it.
 * It is fetched from npm into a temporary folder (100 MB), by its exact version, and started nowhere else. Ends with 1 where it finds an error.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const validator = '@microsoft/sarif-multitool-linux@5.7.0'
const root = join(import.meta.dirname, '..')
const dir = mkdtempSync(join(tmpdir(), 'firebreak-sarif-'))
try {
  const shop = join(dir, 'shop')
  mkdirSync(join(shop, 'deploy, old'), { recursive: true })
  writeFileSync(
    join(shop, '.env'),
    `# ✓ é\nRAILWAY_TOKEN=${crypto.randomUUID()}\nDATABASE_URL=postgres://app:${crypto.randomUUID()}@db.shop.io/shop\n`,
  )
  writeFileSync(
    join(shop, 'deploy, old', 'a#b?.sh'),
    `export STRIPE=sk_live_${'4eC39HqLyjWDarjtT1zdp7dc'}\n`,
  )
  const out = join(dir, 'out.sarif')
  const asked = ['scan', shop, '--only', 'checkout', '--sarif', out]
  const { stdout } = spawnSync(join(root, 'bin/firebreak'), asked, { encoding: 'utf8' })
  process.stdout.write(stdout)
  execFileSync('npm', ['install', '--prefix', dir, '--silent', '--ignore-scripts', validator])
  const tool = join(dir, 'node_modules', '@microsoft/sarif-multitool-linux', 'Sarif.Multitool')
  chmodSync(tool, 0o755)
  // Debian has no ICU by itself; without it .NET wants to be told so.
  const env = { ...process.env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1' }
  const told = spawnSync(tool, ['validate', out], { encoding: 'utf8', env })
  const lines = `${told.stdout}${told.stderr}`.replaceAll(dir, '…')
  process.stdout.write(lines)
  const many = JSON.parse(readFileSync(out, 'utf8')).runs[0].results.length
  const isValid = told.status === 0 && !/: error /.test(lines) && many === 3
  process.stdout.write(isValid ? 'valid SARIF 2.1.0, 3 results\n' : `NOT valid, ${many} results\n`)
  process.exitCode = isValid ? 0 : 1
} finally {
  rmSync(dir, { recursive: true, force: true })
}
