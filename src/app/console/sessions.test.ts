/** How long a session lives, what follows its cookie, and what ends it. */
import { randomBytes } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { openSessions } from './sessions.ts'
import type { Sessions } from './sessions.ts'

const minute = 60_000
let now = 0
let copied: string[] = []
let sessions: Sessions
beforeEach(() => {
  ;[now, copied] = [1_000_000, []]
  sessions = openSessions(
    { now: () => now, steady: () => now },
    (bytes) => new Uint8Array(randomBytes(bytes)),
    ({ name }, how) => copied.push(`${name}: ${how}`),
  )
})
const bob = { id: 'approver_1', name: 'bob' }

/** A browser: it keeps the newest cookie that came. */
function browser(): { cookie: string; readonly page: string; readonly ask: () => boolean } {
  const { cookie, page } = sessions.open(bob)
  const one = {
    cookie,
    page,
    ask: (): boolean => {
      const shown = sessions.find([one.cookie], page)
      one.cookie = shown?.cookie ?? one.cookie
      return shown !== null
    },
  }
  return one
}

test('it ends an hour after the last call, and after eight hours whatever is done', () => {
  const idle = browser()
  now += 59 * minute
  expect(idle.ask()).toBe(true)
  now += 61 * minute
  expect(idle.ask()).toBe(false)
  const busy = browser()
  for (let at = 0; at < 8 * 60 - 30; at += 30) {
    expect(busy.ask(), `${at} min`).toBe(true)
    now += 30 * minute
  }
  now += 31 * minute
  expect(busy.ask()).toBe(false)
  expect(copied).toEqual([])
})

test('its cookie changes after ten minutes, and what was under way with the old one arrives', () => {
  const one = browser()
  const old = one.cookie
  now += 11 * minute
  expect(one.ask()).toBe(true)
  expect(one.cookie).not.toBe(old)
  expect(sessions.find([old], one.page)).not.toBeNull()
  expect(one.ask()).toBe(true)
  now += minute - 1
  expect(sessions.find([old], one.page)).not.toBeNull()
  expect(copied).toEqual([])
})

test('an answer that was lost on the way signs nobody out', () => {
  const one = browser()
  now += 11 * minute
  for (let times = 0; times < 5; times++) {
    // The new cookie never arrives.
    expect(sessions.find([one.cookie], one.page)).not.toBeNull()
    now += 5 * minute
  }
  expect(one.ask()).toBe(true)
  expect(one.ask()).toBe(true)
  expect(copied).toEqual([])
})

test.each<
  readonly [string, (thief: ReturnType<typeof browser>, owner: ReturnType<typeof browser>) => void]
>([
  [
    'the owner goes on, then the thief comes',
    (thief, owner) => {
      owner.ask()
      owner.ask()
      now += 2 * minute
      expect(thief.ask()).toBe(false)
    },
  ],
  [
    'the thief is first, then the owner comes',
    (thief, owner) => {
      thief.ask()
      thief.ask()
      now += 2 * minute
      expect(owner.ask()).toBe(false)
    },
  ],
])('a whole session that was copied ends within the next cookie: %s', (_, act) => {
  const owner = browser()
  const thief = {
    ...owner,
    ask: () => {
      const shown = sessions.find([thief.cookie], owner.page)
      thief.cookie = shown?.cookie ?? thief.cookie
      return shown !== null
    },
  }
  now += 11 * minute
  act(thief, owner)
  expect(owner.ask()).toBe(false)
  expect(thief.ask()).toBe(false)
  expect(copied).toEqual(['bob: a cookie of it came back after it was followed by another'])
})

test('a cookie without its page, or with another one, ends it and is told', () => {
  const one = browser()
  const other = browser()
  expect(sessions.find([one.cookie], other.page)).toBeNull()
  expect(one.ask()).toBe(false)
  expect(other.ask()).toBe(true)
  expect(copied).toEqual(['bob: its cookie came without the page that it belongs to'])
})

test('beside one that serves, another of the name ends nothing: neither made up, nor old, nor of somebody else', () => {
  const one = browser()
  const other = browser()
  const old = one.cookie
  now += 11 * minute
  expect(one.ask()).toBe(true)
  expect(one.ask()).toBe(true)
  expect(one.cookie).not.toBe(old)
  now += 2 * minute
  for (const planted of ['A'.repeat(43), old, other.cookie])
    for (const cookies of [
      [planted, one.cookie],
      [one.cookie, planted],
    ])
      expect(sessions.find(cookies, one.page)).not.toBeNull()
  expect(other.ask()).toBe(true)
  expect(copied).toEqual([])
})

test('a former cookie that is put before the current one keeps it not in use: who has copied it is found as ever', () => {
  const one = browser()
  const old = one.cookie
  now += 11 * minute
  expect(one.ask()).toBe(true)
  // From here on the browser has both, the planted one first.
  const ask = (): boolean => {
    const shown = sessions.find([old, one.cookie], one.page)
    one.cookie = shown?.cookie ?? one.cookie
    return shown !== null
  }
  expect(ask()).toBe(true)
  const next = one.cookie
  now += 11 * minute
  expect([ask(), ask()]).toEqual([true, true])
  expect(one.cookie).not.toBe(next)
  expect(copied).toEqual([])
  expect(sessions.find([old], one.page)).toBeNull()
  expect(copied).toEqual(['bob: a cookie of it came back after it was followed by another'])
})

test('it is nobody’s by guessing, and a page alone is nobody’s', () => {
  const one = browser()
  for (const guess of ['', '1', one.page, `${one.cookie}x`])
    expect(sessions.find([guess], one.page)).toBeNull()
  expect(one.ask()).toBe(true)
  expect(copied).toEqual([])
})

test('one person has ten at most, the oldest goes; and those that are meant are ended', () => {
  const first = browser()
  const rest = Array.from({ length: 10 }, browser)
  expect(first.ask()).toBe(false)
  expect(rest.every(({ ask }) => ask())).toBe(true)
  expect(sessions.list()).toHaveLength(10)
  expect(sessions.end(({ name }) => name === 'eve')).toBe(0)
  const [one] = sessions.list()
  expect(sessions.isLive(one?.id ?? '')).toBe(true)
  expect(sessions.end(({ name }) => name === 'bob')).toBe(10)
  expect(sessions.isLive(one?.id ?? '')).toBe(false)
  expect(rest.some(({ ask }) => ask())).toBe(false)
})
