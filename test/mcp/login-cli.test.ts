/** `firebreak custody login`, as a person at a terminal with a browser beside it does it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fromBase32 } from '../../src/app/rehearse.ts'
import { codeAt, stepAt } from '../../src/approvals/totp.ts'
import { openLoopback } from '../../src/app/loopback.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import { command } from '../../src/cli/custody.ts'
import type { Io } from '../../src/cli/io.ts'
import { openRig } from '../rig.ts'
import type { Rig } from '../rig.ts'
import { openIssuer } from './issuer.ts'
import type { Issuer } from './issuer.ts'

let issuer: Issuer
let rig: Rig
let code: () => string
beforeAll(async () => {
  issuer = await openIssuer()
  const targets = `  shop:
    platform: mcp
    url: ${issuer.url}
    secret: authorization`
  rig = await openRig('', { targets })
  const begun = await rig.people.callAs('approver-enrol', { name: 'bob', role: 'approver' })
  const uri = isObject(begun) ? textOf(begun['uri']) : ''
  const secret = fromBase32(new URL(uri).searchParams.get('secret') ?? '')
  let last = 0
  code = () => {
    last = Math.max(last + 1, stepAt(rig.running.firebreak.clock.now()) - 1)
    return codeAt(secret, last)
  }
  await rig.people.call('approver-confirm', { name: 'bob', code: code() })
})
afterAll(async () => {
  await rig.close()
  await issuer.close()
})

test('the page is opened, agreed to, and the token is in custody without having been at the terminal', async () => {
  const lines: string[] = []
  const say = (line: string): void => void lines.push(line)
  let pages: Promise<Response>[] = []
  const io: Io = {
    json: false,
    quiet: false,
    color: false,
    interactive: true,
    live: null,
    say,
    give: (value) => say(JSON.stringify(value)),
    note: (line) => {
      say(line)
      if (line.startsWith('http'))
        pages = [issuer.agree(line).then(async (back) => await fetch(back))]
    },
    ask: async (question) =>
      await Promise.resolve(question.startsWith('approver') ? 'bob' : code()),
    readStdin: async () => await Promise.resolve(''),
  }
  const config = `${rig.dir}/home/firebreak.yaml`
  expect(await command.run(['login', 'shop', '--config', config], io)).toBe(0)
  const [page] = await Promise.all(pages)
  expect([page?.status, await page?.text()]).toEqual([200, 'Go back to the terminal.\n'])
  expect(lines.join('\n')).toContain('logged in: the token of `shop` is in custody')
  expect(lines.join('\n')).toContain(`the token will come from ${issuer.origin}`)
  expect(issuer.given).toHaveLength(1)
  for (const { access, refresh } of issuer.given)
    for (const secret of [access, refresh ?? '']) expect(lines.join('\n')).not.toContain(secret)
  await command.run(['list', '--config', config], io)
  expect(lines.join('\n')).toMatch(/shop .* bob .*logged in, until 20/)
})

test('the loopback takes the browser that left from here, and nobody else', async () => {
  const loopback = await openLoopback(0, new AbortController().signal)
  const came = loopback.came('the-state')
  const at = new URL(loopback.redirect)
  const statuses = await Promise.all(
    [
      `${at.href}?code=x`,
      `${at.href}?code=x&state=other`,
      `${at.origin}/other?code=x&state=the-state`,
      // A name that somebody has pointed at this machine.
      `${at.href.replace('127.0.0.1', 'localhost')}?code=x&state=the-state`,
    ].map(async (url) => (await fetch(url)).status),
  )
  expect(statuses).toEqual([404, 404, 404, 404])
  const posted = await fetch(`${at.href}?code=x&state=the-state`, { method: 'POST' })
  expect(posted.status).toBe(404)
  expect((await fetch(`${at.href}?code=mine&state=the-state`)).status).toBe(200)
  expect(await came).toBe('?code=mine&state=the-state')
  loopback.close()
})

test('nobody who came is told, and the port is free again', async () => {
  const gone = new AbortController()
  const loopback = await openLoopback(0, gone.signal)
  const came = loopback.came('s')
  gone.abort()
  await expect(came).rejects.toThrow('nobody came back')
  loopback.close()
})
