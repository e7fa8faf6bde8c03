/** One hold by each way to people: the facts in each, the place to look, and nothing that decides by itself. */
import { afterEach, expect, test } from 'vitest'
import { isObject, parseJson } from '../src/base/json.ts'
import { openSite } from './console/site.ts'
import { came, holdOf, keep, Opened, postOffice, receiver, secret } from './notify-ground.ts'

const opened = new Opened()
afterEach(async () => await opened.close())

/** A mail as it is read: soft line ends and coded letters of quoted-printable taken back (RFC 2045, §6.7). */
const unfolded = (mail: string): string =>
  mail
    .replaceAll(/=\r?\n/g, '')
    .replaceAll(/=([\dA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))

/** The members that make a message do something (Slack: blocks with actions; ntfy: actions, click). */
function membersOf(text: string): readonly string[] {
  const found: string[] = []
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk)
    else if (typeof value === 'object' && value !== null)
      for (const [name, member] of Object.entries(value)) {
        found.push(name)
        walk(member)
      }
  }
  const told = parseJson(text)
  expect(isObject(told)).toBe(true)
  walk(told)
  return found
}

test('a hold is told by webhook, Slack, ntfy and mail: who asks, what would go, the way back, where to look, and no button', async () => {
  const [hook, chat, phone] = [
    await receiver(opened),
    await receiver(opened),
    await receiver(opened),
  ]
  const mails: string[] = []
  const post = await postOffice(opened, mails)
  const channels = [
    `ops: { kind: webhook, url: "${hook.url}/hook" }`,
    'chat: { kind: slack }',
    `phone: { kind: ntfy, url: "${phone.url}/night" }`,
    `post: { kind: mail, tls: off, host: 127.0.0.1, port: ${post}, from: f@example.com, to: [ops@example.com] }`,
  ]
  const site = await openSite(`notify:\n  channels:\n    ${channels.join('\n    ')}\n`)
  opened.add(site.close)
  await keep(site, { ops: secret, chat: `${chat.url}/services/T0/B0/topsecret` })
  const id = await holdOf(site)
  const posted = [hook, chat, phone]
  await came(site, () => posted.every(({ heard }) => heard.length > 0) && mails.length > 0)
  const texts = [...posted.map(({ heard }) => heard[0]?.body ?? ''), unfolded(mails[0] ?? '')]
  for (const text of texts) {
    expect(text).toContain('agent:a asks for volumeDelete on railway')
    expect(text).toContain('shop-data')
    expect(text).toMatch(/environments +production, staging/)
    expect(text).toContain('one is taken and verified before it runs')
    expect(text).toContain(`${site.origin}/#/hold/${id}`)
    expect(text).not.toMatch(/fbk_|topsecret|whsec_|<form|<a |<button/i)
    // The only place to go is the page, where a passkey is asked for.
    for (const [url] of text.matchAll(/https?:\/\/[^\s"\\]+/g))
      expect(url).toBe(`${site.origin}/#/hold/${id}`)
  }
  for (const text of texts.slice(0, 3))
    for (const name of ['actions', 'action_id', 'accessory', 'elements', 'click', 'buttons'])
      expect(membersOf(text)).not.toContain(name)
})
