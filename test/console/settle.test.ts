/** An act that was cut off, at its page: a person who has looked at the target says what became of it, and nobody who asked for it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kestrel } from '../../sim/tenant.ts'
import { isObject } from '../../src/base/json.ts'
import { everything } from '../rig.ts'
import { checkBoth, openStage } from './browser.ts'
import type { Person, Stage } from './browser.ts'

let stage: Stage
let bob: Person
beforeAll(async () => {
  stage = await openStage()
  bob = await stage.entered('bob')
})
afterAll(async () => {
  await bob.close()
  await stage.close()
})

let agents = 0
/** A hold as a crash in the middle of its act leaves it, before a target that cannot say what has happened. */
async function cutOff(): Promise<string> {
  agents += 1
  stage.site.platform.faults.clear()
  const grant = await stage.site.people.mint(`agent:cut-${agents}`, everything)
  const query = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`
  const { text } = await stage.site.ask(grant, query, { headers: { prefer: 'respond-async' } })
  const id = /hold_[a-z0-9]+/.exec(text)?.[0] ?? ''
  const shown = await stage.site.people.call('hold-show', { id })
  const input = { id, shown: isObject(shown) ? (shown['shown'] ?? '') : '' }
  await stage.site.people.callAs('hold-approve', input)
  stage.site.platform.faults.set('*', { kind: 'status', status: 503 })
  const { state } = stage.site.running.firebreak
  await state.transact(async (tx) => {
    const row = await tx.get('hold', id)
    if (row !== null) await tx.put('hold', { ...row, state: 'executing' })
  })
  return id
}

const stateOf = async (id: string): Promise<unknown> => {
  const row = await stage.site.people.call('hold-show', { id })
  return isObject(row) ? row['state'] : null
}

test.each([
  ['It has happened', 'executed'],
  ['It has not happened', 'failed'],
])('%s, by passkey, and no sooner than it is chosen', async (answer, state) => {
  const { page } = bob
  const id = await cutOff()
  await page.goto(`${stage.site.origin}/#/hold/${id}`)
  await page.getByText('was cut off while it ran, and the target has not said').waitFor()
  const say = page.getByRole('button', { name: 'Say so with your passkey' })
  expect(await say.isDisabled()).toBe(true)
  await checkBoth(page, 'Settle')
  // By keyboard alone.
  await page.getByRole('radio', { name: answer }).focus()
  await page.keyboard.press('Space')
  await page.keyboard.press('Tab')
  expect(await stateOf(id)).toBe('executing')
  await page.keyboard.press('Enter')
  await page.locator('.notice').getByText(`${state}: `).waitFor()
  expect(await stateOf(id)).toBe(state)
  await page.getByRole('heading', { name: 'What became of it?' }).waitFor({ state: 'detached' })
})

test('what waits is not settled, and a viewer settles nothing', async () => {
  const vic = await stage.entered('vic', 'viewer')
  const id = await cutOff()
  await vic.page.goto(`${stage.site.origin}/#/hold/${id}`)
  await vic.page.getByText('You are a viewer here: an approver says it.').waitFor()
  expect(await vic.page.getByRole('button', { name: 'Say so with your passkey' }).count()).toBe(0)
  stage.site.platform.faults.clear()
  const grant = await stage.site.people.mint('agent:waits', everything)
  const query = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`
  const { text } = await stage.site.ask(grant, query, { headers: { prefer: 'respond-async' } })
  await vic.page.goto(`${stage.site.origin}/#/hold/${/hold_[a-z0-9]+/.exec(text)?.[0] ?? ''}`)
  await vic.page.getByRole('heading', { name: 'Yes or no' }).waitFor()
  expect(await vic.page.getByRole('heading', { name: 'What became of it?' }).count()).toBe(0)
  await vic.close()
})
