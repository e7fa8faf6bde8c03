/** `firebreak policy check` warns of what looks wrong in a user's policies, and does not fail for it. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const dir = mkdtempSync(join(tmpdir(), 'firebreak-policy-'))
afterAll(() => rmSync(dir, { recursive: true }))

const config = `version: 1
policies: own
targets:
  railway:
    platform: railway
    url: https://backboard.railway.com
    environments:
      production: { id: env-p }
`
const rule = (id: string, when: string): string =>
  `@id("${id}") @message("m") forbid (principal, action, resource) when { ${when} };\n`

test('a misspelt operation, an environment that nobody declared, a loosened destroy and a twin are told', () => {
  mkdirSync(join(dir, 'own'))
  writeFileSync(join(dir, 'firebreak.yaml'), config)
  writeFileSync(
    join(dir, 'own/a.guard.cedar'),
    rule('typo', 'context.operation == "volumDelete"') +
      rule(
        'good',
        'context.operation == "volumeDelete" && context.environments.contains("env-p")',
      ) +
      rule('place', 'context.environments.contains("prod")') +
      rule('again', 'context.environments.contains("prod")'),
  )
  writeFileSync(
    join(dir, 'own/b.loosen.cedar'),
    '@id("easy") @message("m") @loosens("hold-key") permit (principal, action, resource) when { context.operation == "variableDelete" };',
  )
  const bin = resolve('bin/firebreak')
  const ran = spawnSync(process.execPath, [bin, 'policy', 'check'], { cwd: dir, encoding: 'utf8' })
  const warned = ran.stdout.split('\n').filter((line) => line.startsWith('warning: '))
  expect(warned).toEqual([
    'warning: b.loosen.cedar:1: `easy`: a destroy in a protected environment runs without a person where this matches',
    'warning: a.guard.cedar:1: `typo`: no target has an operation `volumDelete`',
    'warning: a.guard.cedar:3: `place`: no target declares an environment `prod`',
    'warning: a.guard.cedar:4: `again`: it never decides: `place` denies just that',
    'warning: a.guard.cedar:4: `again`: no target declares an environment `prod`',
  ])
  expect(ran.stdout).toContain('note: b.loosen.cedar:1: `easy`: `hold-key` is loosened: m')
  expect(ran.status).toBe(0)
})
