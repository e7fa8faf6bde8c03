/** The house rules themselves: each alarm is rung once, so that a rule which falls silent is noticed. */
import {
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
  mkdirSync,
  cpSync,
  symlinkSync,
} from 'node:fs'
import { execFileSync, spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const bin = (tool: string): string => join(root, 'node_modules/.bin', tool)
const sources = globSync('src/**/*.ts', { cwd: root }).filter((file) => !file.endsWith('.test.ts'))

/** A copy of the house small enough to break: the sources, and the tool's own configuration. */
const copy = mkdtempSync(join(tmpdir(), 'firebreak-house-'))
for (const part of [
  'src',
  'sim',
  // What tests beside the sources lean on.
  'test/authenticator.ts',
  'test/scan/planted.ts',
  '.dependency-cruiser.cjs',
  '.oxlintrc.json',
  'tsconfig.json',
  'package.json',
])
  cpSync(join(root, part), join(copy, part), { recursive: true })
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
afterAll(() => rmSync(copy, { recursive: true, force: true }))

interface Cruise {
  readonly summary: {
    readonly totalCruised: number
    readonly violations: readonly {
      readonly rule: { readonly name: string }
      readonly from: string
    }[]
  }
}

function cruise(): Cruise {
  const { stdout } = spawnSync(
    bin('depcruise'),
    ['--config', '.dependency-cruiser.cjs', '-T', 'json', 'src', 'sim'],
    {
      cwd: copy,
      maxBuffer: 64 * 1024 * 1024,
      encoding: 'utf8',
    },
  )
  const result: Cruise = JSON.parse(stdout)
  return result
}

const alarms: readonly (readonly [string, string, string])[] = [
  ['no-import-up-from-base', 'src/base/planted-a.ts', "import '../core/effect.ts'"],
  ['no-import-up-from-core-wire', 'src/core/planted-b.ts', "import '../policy/planted-q.ts'"],
  ['no-circle', 'src/core/planted-c.ts', "import './planted-c2.ts'"],
  ['no-barrel', 'src/core/planted-d.ts', "import './index.ts'"],
  ['platforms-alone', 'src/platforms/planted-e.ts', "import '../guard/decide.ts'"],
  ['sealed-room-vault', 'src/vault/planted-f.ts', "import '../store/schema.ts'"],
  ['sealed-room-ledger', 'src/ledger/planted-f.ts', "import '../store/schema.ts'"],
  ['sealed-room-approvals', 'src/approvals/planted-f.ts', "import '../store/schema.ts'"],
  ['sealed-room-inventory', 'src/inventory/planted-f.ts', "import '../store/schema.ts'"],
  ['gateways-only-read-pass-answer', 'src/gateways/planted-g.ts', "import '../store/schema.ts'"],
  ['scan-looks-and-asks', 'src/scan/planted-t.ts', "import '../store/schema.ts'"],
  [
    'one-mint',
    'src/gateways/planted-h.ts',
    "import { Clearance } from '../core/clearance.ts'\nexport const x = Clearance",
  ],
  ['ports-are-types', 'src/app/planted-i.ts', "import '../guard/ports.ts'"],
  ['pure-rooms-have-no-world', 'src/core/planted-j.ts', "import 'node:fs'"],
  ['hashing-only-in-base', 'src/core/planted-k.ts', "import 'node:crypto'"],
  ['no-child-process', 'src/app/planted-l.ts', "import 'node:child_process'"],
  ['no-delete-in-the-daemon', 'src/app/planted-s.ts', "import '../vault/prune.ts'"],
  ['sim-knows-nothing', 'sim/planted-m.ts', "import '../src/core/effect.ts'"],
  ['only-demo-knows-sim', 'src/app/planted-n.ts', "import '../../sim/planted-m.ts'"],
  [
    'guard-takes-values-from-core-only',
    'src/guard/planted-o.ts',
    "import '../policy/planted-q.ts'",
  ],
  ['no-test-in-product', 'src/app/planted-p.ts', "import '../core/hold.test.ts'"],
  ['not-to-unresolvable', 'src/app/planted-r.ts', "import './nowhere.ts'"],
]

function plant(file: string, text: string): void {
  const path = join(copy, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${text}\n`)
}

test('the house as it stands has no violation, and every module was seen', () => {
  const { summary } = cruise()
  expect(summary.violations).toEqual([])
  expect(summary.totalCruised).toBeGreaterThan(sources.length)
})

test('each alarm of the floors rings', () => {
  plant('src/policy/planted-q.ts', 'export const q = 1')
  plant('src/core/planted-c2.ts', "import './planted-c.ts'")
  plant('src/core/index.ts', 'export const i = 1')
  for (const [, file, text] of alarms) plant(file, text)
  const rung = cruise().summary.violations.map(({ rule, from }) => `${rule.name} ${from}`)
  for (const [rule, file] of alarms) expect(rung).toContain(`${rule} ${file}`)
})

test.each<[string, RegExp, RegExp]>([
  [
    'no clock, timer, chance, fetch, process or console in the pure rooms',
    /^src\/(base|core|wire|platforms|policy|grants|guard)\//,
    /\b(Date\.now|new Date\(\)|performance\.|setTimeout|setInterval|setImmediate|Math\.random|randomBytes|randomUUID|fetch\(|process\.|console\.)/,
  ],
  ['`process.env` is read in one file', /^src\/(?!app\/environment\.ts)/, /process\.env/],
  ['a clearance is minted in the guard alone', /^src\/(?!guard\/|core\/)/, /Clearance\.clear/],
  [
    'restic is told nothing that takes anything away',
    /^src\/(vault|app)\/.*restic/,
    /'(forget|prune|unlock|init|key|repair|rewrite|migrate|tag|rebuild-index|recover|copy)'/,
  ],
  ['nothing is cast', /^src\//, /\bas (?!const\b|[a-zA-Z]+ from|[a-z][A-Za-z]*[ ,}])[A-Z]/],
])('%s', (_, where, what) => {
  const found = sources.filter((file) => where.test(file) && what.test(withoutComments(file)))
  expect(sources.some((file) => where.test(file))).toBe(true)
  expect(found).toEqual([])
})

const slips: readonly (readonly [string, string])[] = [
  ['typescript(no-floating-promises)', 'export function f(): void { Promise.resolve(1) }'],
  ['typescript(no-explicit-any)', 'export const f = (x: any): unknown => x'],
  ['typescript(no-non-null-assertion)', 'export const f = (x: string | null): string => x!'],
  [
    'typescript(consistent-type-assertions)',
    'export const f = (x: unknown): string => x as string',
  ],
  ['import(no-default-export)', 'export default 1'],
  ['eslint(no-console)', "export const f = (): void => console.log('x')"],
]

test('the linter rings for an unawaited promise, any, a non-null assertion, a cast, a default export and a console call', () => {
  const files = slips.map(([, text], at) => {
    const file = `src/core/planted-lint-${at}.ts`
    plant(file, text)
    return file
  })
  // All at once: most of what it costs is to read the house.
  const args = ['--type-aware', '--format', 'json', ...files]
  const { stdout } = spawnSync(bin('oxlint'), args, { cwd: copy, encoding: 'utf8' })
  const told: {
    readonly diagnostics: readonly { readonly filename: string; readonly code: string }[]
  } = JSON.parse(stdout)
  expect(told.diagnostics.map(({ filename, code }) => `${code} ${filename}`).toSorted()).toEqual(
    slips.map(([rule], at) => `${rule} ${files[at]}`).toSorted(),
  )
})

test('no file of the product names a machine, a registry or a tool of the workplace', () => {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  }).split('\n')
  const words = new RegExp(
    [
      String.raw`/work\b/`,
      ['npmjs', 'org'].join(String.raw`\.`),
      ['farm', '-'].join(''),
      ['deb', 'debian'].join(String.raw`\.`),
    ].join('|'),
  )
  const found = files.filter((file) => file !== '' && words.test(readIfText(join(root, file))))
  expect(found).toEqual([])
})

function readIfText(file: string): string {
  const bytes = readFileSync(file)
  return bytes.includes(0) ? '' : bytes.toString('utf8')
}

function withoutComments(file: string): string {
  const text = readFileSync(join(root, file), 'utf8')
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|[^:'"`])\/\/.*$/gm, '$1')
}
