/** Passkeys in the terminal: `firebreak approver keys` lists what the page lists, and `remove-key` takes one away. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { codeAt, stepAt } from '../../src/approvals/totp.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import { firebreak } from '../run.ts'
import { fromBase32 } from '../../src/app/rehearse.ts'
import { openSite } from './site.ts'
import type { Site } from './site.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

const run = async (...args: readonly string[]): Promise<string> =>
  await firebreak(['approver', ...args, '--config', site.config.file])

test('the keys of each are listed, and one goes with a factor and not without', async () => {
  expect(await run('keys')).toContain('no passkey yet')
  const { page } = await site.seat('bob')
  const listed = (await page.call('passkey-list')).json
  const [row] = Array.isArray(listed) ? listed.filter(isObject) : []
  const id = textOf(row?.['id'] ?? null)
  expect(await run('keys')).toMatch(new RegExp(`^bob +${id} +added .*used `, 'm'))
  expect(await run('remove-key', 'bob')).toContain('say whose, and which')
  expect(await run('remove-key', 'bob', id, '--approver', 'ada', '--code', '000000')).toContain(
    'exit 1',
  )
  expect(await run('keys')).toContain(id)
  // The last one of a person stays.
  await site.enrol('bob')
  expect((await run('keys')).match(/^bob /gm)).toHaveLength(2)
  const begun = await site.people.callAs('approver-enrol', { name: 'zoe', role: 'admin' })
  const uri = isObject(begun) ? textOf(begun['uri'] ?? null) : ''
  const secret = fromBase32(new URL(uri).searchParams.get('secret') ?? '')
  const step = stepAt(site.running.firebreak.clock.now())
  await site.people.call('approver-confirm', { name: 'zoe', code: codeAt(secret, step) })
  const code = codeAt(secret, step + 1)
  expect(await run('remove-key', 'bob', id, '--approver', 'zoe', '--code', code)).toBe('removed\n')
  const left = await run('keys')
  expect(left.match(/^bob /gm)).toHaveLength(1)
  expect(left).not.toContain(id)
})
