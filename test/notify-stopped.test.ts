/** What keeps all telling from going on is itself told, where people look without it. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { openReceiver } from './receiver.ts'
import { openRig } from './rig.ts'

test('a row that cannot be read stops the telling: an alarm says so, the log why, and mended it goes on', async () => {
  const phone = await openReceiver()
  const lines: string[] = []
  const rig = await openRig(
    `notify:\n  channels:\n    phone: { kind: ntfy, url: "${phone.url}/night", credential: token }\n`,
    { log: (line) => lines.push(line) },
  )
  const db = new DatabaseSync(join(rig.config.state, 'state.db'))
  try {
    await rig.people.callAs('custody-add', { target: 'token', secret: 'tk_secret' })
    db.exec(`INSERT INTO outbox (id, row) VALUES ('news_0', 'call 555')`)
    await rig.people.call('halt', { who: 'agent:b', reason: 'looks odd' })
    const alarms = async (): Promise<string> =>
      JSON.stringify(await rig.people.call('alarm-list', { all: false }))
    await expect.poll(alarms).toContain('"not-told","message":"people are told nothing now')
    const said = (): number => lines.filter((line) => line.startsWith('telling people: ')).length
    await rig.restart()
    await expect.poll(said).toBe(2)
    expect(phone.heard).toEqual([])
    expect(lines.filter((line) => /telling people: .*JSON/.test(line))).toHaveLength(2)
    db.exec(`DELETE FROM outbox WHERE id = 'news_0'`)
    await expect
      .poll(() => (rig.pass(3000), phone.heard.map(({ body }) => body).join()))
      .toContain('agent:b is halted')
    expect(phone.heard[0]?.headers.authorization).toBe('Bearer tk_secret')
    expect(said()).toBe(2)
    expect(JSON.stringify(phone.heard)).not.toContain('555')
  } finally {
    db.close()
    await rig.close()
    await phone.close()
  }
})
