/** A policy that errs, whole path: what it is asked about is refused and the policy is named; everything else goes on. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { kestrel } from '../../sim/tenant.ts'
import { readConfig } from '../../src/app/config.ts'
import { checkApart } from '../../src/app/policy-worker.ts'
import { serve } from '../../src/app/serve.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import { everything, openRig } from '../rig.ts'
import type { Rig } from '../rig.ts'

const read = 'query { me { id } }'
const domain = `mutation { customDomainDelete(id: "${kestrel.customDomainId}") }`
const destroy = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`

let rig: Rig
afterEach(async () => await rig.close())

/** A Firebreak whose user has these policies, accepted at its first start. */
async function open(text: string): Promise<string> {
  const furnish = (home: string): void => {
    mkdirSync(join(home, 'policies'))
    writeFileSync(join(home, 'policies', 'own.hold.cedar'), text)
  }
  rig = await openRig('policies: policies\n', { furnish })
  return await rig.people.mint('agent:a', everything)
}

const rule = (condition: string): string =>
  `@id("own-rule")\n@message("ours")\nforbid (principal, action == Action::"destroy", resource)\nwhen { ${condition} };\n`

// Each passes the check and the probe of plain facts: it errs only on the facts of the act, its bytes or its backups.
test.each<[string, string, RegExp]>([
  ['an overflow', 'context.bytes * 9223372036854775807 > 0', /overflow/],
  [
    'an extension function that errs',
    'context.backupsLost > 1 && datetime("9999-12-31").offset(duration("9223372036854775807ms")) > datetime("2026-01-01")',
    /datetime|offset|overflow/,
  ],
])(
  'broken-is-closed: a policy with %s denies what it errs on, by name, and nothing else',
  async (_, condition, why) => {
    const grant = await open(rule(condition))
    const refused = await rig.ask(grant, destroy)
    expect(refused.status).toBe(403)
    expect(refused.body).toMatchObject({ verdict: 'deny', executed: false })
    const told = JSON.stringify(refused.body['findings'])
    expect(told).toContain('policy-error')
    expect(told).toContain('own-rule')
    expect(told).toMatch(why)
    expect((await rig.ask(grant, read)).status).toBe(200)
    expect((await rig.ask(grant, domain)).body).toMatchObject({ verdict: 'hold' })
    expect((await rig.ask(grant, destroy)).status).toBe(403)
    expect(rig.platform.mutations()).toBe(0)
  },
)

test('a policy that begins to err after the approval: the approved act is refused at its time, by name', async () => {
  const grant = await open(rule('context.bytes > 9000000000000000'))
  const { body } = await rig.ask(grant, destroy)
  const id = textOf(body['holdId'])
  const shown = await rig.people.call('hold-show', { id })
  await rig.people.callAs('hold-approve', {
    id,
    shown: isObject(shown) ? textOf(shown['shown']) : '',
  })
  await rig.running.stop()
  writeFileSync(
    join(rig.dir, 'home', 'policies', 'own.hold.cedar'),
    rule('context.bytes * 9223372036854775807 > 0'),
  )
  await rig.start()
  const changes = await rig.people.call('power-changes')
  await rig.people.callAs('accept', { power: isObject(changes) ? textOf(changes['power']) : '' })
  rig.pass(48 * 3_600_000)
  await expect
    .poll(async () => JSON.stringify(await rig.people.call('hold-show', { id })), {
      timeout: 15_000,
    })
    .toContain('"failed"')
  expect(JSON.stringify(await rig.people.call('hold-show', { id }))).toContain('own-rule')
  expect(rig.platform.mutations()).toBe(0)
})

test('broken-is-closed: a policy that is wrong by itself does not start, and says where', async () => {
  await open(rule('context.bytes > 9000000000000000'))
  await rig.running.stop()
  const file = join(rig.dir, 'home', 'policies', 'own.hold.cedar')
  const wrong: readonly (readonly [string, RegExp])[] = [
    [rule('context.colour == "red"'), /own\.hold\.cedar:\d+: .*colour/],
    [rule('9223372036854775807 + 1 > context.bytes'), /own-rule.*overflow/],
    ['forbid forbid', /own\.hold\.cedar:1: /],
    [rule(`${'('.repeat(30_000)}true${')'.repeat(30_000)}`), /own\.hold\.cedar:\d+: /],
  ]
  for (const [text, why] of wrong) {
    writeFileSync(file, text)
    await expect(serve(readConfig(rig.config.file), () => {})).rejects.toMatchObject({
      code: 'bad_policy',
      message: expect.stringMatching(why),
    })
  }
  writeFileSync(file, rule('context.bytes > 9000000000000000'))
  await rig.start()
})

test('a check that does not come to an end, or whose thread dies, is an error of the policies and not of the daemon', async () => {
  const grant = await open(rule('context.bytes > 9000000000000000'))
  const deep = `${'!'.repeat(400_000)}true`
  const texts = [{ set: 'hold' as const, file: 'own.hold.cedar', text: rule(deep) }]
  const [late, dead] = await Promise.all([
    checkApart({ schema: '', texts }, null, 1),
    checkApart({ schema: '', texts }),
  ])
  expect(late.issues[0]).toMatchObject({
    level: 'error',
    message: expect.stringContaining('took too long'),
  })
  expect(dead.issues.some(({ level }) => level === 'error')).toBe(true)
  expect((await rig.ask(grant, read)).status).toBe(200)
})
