/** Against fatigue: what is asked, how fast it is answered and what is always yes, counted from the ledger and shown at the page. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kestrel } from '../../sim/tenant.ts'
import { decisionsOf } from '../../src/app/decisions.ts'
import { loadPolicy } from '../../src/app/policies.ts'
import type { Entry } from '../../src/guard/ports.ts'
import { leafOf } from '../../src/ledger/leaf.ts'
import { everything } from '../rig.ts'
import { firebreak } from '../run.ts'
import { checkPage, openStage, phone, sitter } from './browser.ts'
import type { Stage } from './browser.ts'

const minute = 60_000
const now = 1_800_000_000_000
const entry = (
  kind: Entry['kind'],
  at: number,
  subject: string,
  body: Entry['body'] = {},
): Entry => ({
  kind,
  at,
  subject,
  principal: 'agent:ci',
  body,
})
const held = (at: number, id: string, operation = 'variableUpsert', effect = 'expose'): Entry =>
  entry('held', at, id, { operation, target: 'railway', effect })

function logOf(entries: readonly Entry[]): Parameters<typeof decisionsOf>[0] {
  const leaves = entries.map(leafOf)
  return {
    size: async () => await Promise.resolve(leaves.length),
    leaves: async (from, to) => await Promise.resolve(leaves.slice(from, to)),
  }
}

const asked = (many: number, ...held_: readonly [string?, string?]): readonly Entry[] =>
  Array.from({ length: many }, (_, nth) => {
    const at = now - 1000 * minute + nth * minute
    return [
      held(at, `hold_${nth}`, ...held_),
      entry('approved', at + 4000, `hold_${nth}`, { enough: true }),
    ]
  }).flat()

test('each question has one answer, with the time that it took; half a yes is none, and an old answer is not counted', async () => {
  const told = await decisionsOf(
    logOf([
      held(now - 40 * 86_400_000, 'hold_old'),
      held(now - 10 * minute, 'hold_1'),
      entry('approved', now - 9 * minute, 'hold_1', { enough: false }),
      entry('approved', now - 8 * minute, 'hold_1', { enough: true }),
      entry('undone', now - 7 * minute, 'hold_1'),
      held(now - 6 * minute, 'hold_2'),
      entry('rejected', now - 2 * minute, 'hold_2'),
      held(now - 5 * minute, 'hold_3'),
      entry('expired', now - 1 * minute, 'hold_3'),
      held(now - minute, 'hold_4'),
      entry('rejected', now, 'hold_old'),
    ]),
    { now, days: 30 },
  )
  expect(told).toMatchObject({ asked: 4, approved: 1, denied: 1, expired: 1, open: 1 })
  expect(told.approvedPercent).toBe(33)
  expect([told.medianMs, told.p90Ms]).toEqual([4 * minute, 4 * minute])
  expect(told.classes[0]?.advice).toBeNull()
})

test('one no among three hundred is not a hundred percent; all yes is, and where none is over nothing is said', async () => {
  const percent = async (entries: readonly Entry[]): Promise<unknown> =>
    (await decisionsOf(logOf(entries), { now, days: 30 })).approvedPercent
  const no = [held(now, 'x'), entry('rejected', now, 'x')]
  expect(await percent([...asked(299), ...no])).toBe(99)
  expect(await percent(asked(299))).toBe(100)
  expect(await percent([held(now, 'x')])).toBeNull()
})

test.each<readonly [string, readonly Entry[], RegExp | null]>([
  ['five of five', asked(5), /approved 5 times of 5 .* within ten seconds/],
  ['four of four', asked(4), null],
  ['five, and one no', [...asked(5), held(now, 'x'), entry('rejected', now, 'x')], null],
  [
    'five, and one that nobody answered',
    [...asked(5), held(now, 'x'), entry('expired', now, 'x')],
    null,
  ],
  [
    'five that destroy',
    asked(5, 'volumeDelete', 'destroy'),
    /stays a question: give `agent:ci` a grant without/,
  ],
])('advice for %s', async (_, entries, advice) => {
  const { classes } = await decisionsOf(logOf(entries), { now, days: 30 })
  if (advice === null) expect(classes[0]?.advice).toBeNull()
  else expect(classes[0]?.advice).toMatch(advice)
})

test('the rule that it proposes is one that `policy check` takes, and none is proposed for what destroys or is named oddly', async () => {
  const [{ rule } = { rule: null }] = (await decisionsOf(logOf(asked(6)), { now, days: 30 }))
    .classes
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-rule-'))
  writeFileSync(join(folder, 'always.loosen.cedar'), rule ?? '')
  const { set } = await loadPolicy(folder)
  expect(set).not.toBe((await loadPolicy(null)).set)
  rmSync(folder, { recursive: true })
  for (const [operation, effect] of [
    ['volumeDelete', 'destroy'],
    ['a"b', 'expose'],
  ] as const) {
    const { classes } = await decisionsOf(logOf(asked(6, operation, effect)), { now, days: 30 })
    expect(classes[0]?.rule).toBeNull()
  }
})

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(async () => await stage.close())

test('the page and the command line say the same, light and dark, on a desk and a phone', async () => {
  const bob = await stage.entered('bob')
  await bob.page.keyboard.press('c')
  await bob.page.getByText('Nobody was asked anything in 30 days.').waitFor()
  const sent = new Set<string>()
  bob.page.on('request', (one) => {
    if (one.url().endsWith('/api/decisions')) sent.add(one.postData() ?? '')
  })
  await bob.page.getByLabel('Days back').fill('1')
  await bob.page.getByText('Nobody was asked anything in 1 day.').waitFor()
  // As the command line: no part of a day, and no more than a year.
  for (const none of ['0', '1.5', '366', '']) await bob.page.getByLabel('Days back').fill(none)
  await bob.page.getByLabel('Days back').fill('365')
  await bob.page.getByText('Nobody was asked anything in 365 days.').waitFor()
  // What it showed at first may be asked once more where something has moved.
  sent.delete('{"days":30}')
  expect([...sent].toSorted()).toEqual(['{"days":1}', '{"days":365}'])
  expect(
    await firebreak(['decisions', '--days', '366', '--config', stage.site.config.file]),
  ).toContain('365 at most')
  const grant = await stage.site.people.mint('agent:cleanup', everything)
  await stage.site.ask(grant, `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`, {
    headers: { prefer: 'respond-async' },
  })
  await bob.page.getByText('1 question: 0 approved, 0 denied, 0 nobody answered, 1 open').waitFor()
  const [waiting] = await stage.site.running.firebreak.state.read((tx) => tx.find('hold', {}))
  await stage.site.people.call('hold-deny', { id: waiting?.id ?? '' })
  await bob.page.getByText('1 denied, 0 nobody answered, 0 open; 0 % yes').waitFor()
  await bob.page.getByRole('cell', { name: '0 %' }).waitFor()
  await bob.close()
  const said = await firebreak(['decisions', '--config', stage.site.config.file])
  expect(said).toContain('1 asked: 0 approved, 1 denied, 0 nobody answered, 0 open; 0 % yes')
  for (const colorScheme of ['light', 'dark'] as const)
    for (const viewport of [{ width: 1280, height: 800 }, phone]) {
      const name = sitter(colorScheme, viewport === phone)
      const mia = await stage.entered(name, 'viewer', { colorScheme, viewport })
      await mia.page.goto(`${stage.site.origin}/#/decisions`)
      await mia.page.getByRole('heading', { name: 'By day and agent' }).waitFor()
      await checkPage(mia.page, 'Decisions')
      await mia.close()
    }
})
