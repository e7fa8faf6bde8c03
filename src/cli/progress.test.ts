import { expect, test } from 'vitest'
import type { Standing } from '../app/progress.ts'
import { openProgress } from '../app/progress.ts'
import { sayStanding, watched } from './progress.ts'

const at = (bytes: number, sinceMs: number, total: number | null = null): Standing => ({
  bytes,
  sinceMs,
  total,
  about: total === 4e9,
})

test.each<[string, Standing, Standing | null, string]>([
  ['nothing has come', at(0, 700), null, 'it: 0 bytes, 700 ms so far'],
  ['no whole', at(2e6, 1000), null, 'it: 2.0 MB, 2.0 MB/s, 1 s so far'],
  ['a whole', at(1e9, 10_000, 3e9), null, 'it: 1.0 GB of 3.0 GB, 100 MB/s, 20 s left'],
  ['an estimate', at(1e9, 10_000, 4e9), null, 'it: 1.0 GB of about 4.0 GB, 100 MB/s, 30 s left'],
  ['more than there should be', at(5e9, 10_000, 4e9), null, 'it: 5.0 GB, 500 MB/s, 10 s so far'],
  [
    'the speed is of now',
    at(2e9, 20_000, 3e9),
    at(1e9, 18_000),
    'it: 2.0 GB of 3.0 GB, 500 MB/s, 2 s left',
  ],
  ['it stands still', at(1e9, 20_000, 3e9), at(1e9, 18_000), 'it: 1.0 GB of 3.0 GB, 20 s so far'],
  ['all is there', at(3e9, 20_000, 3e9), at(3e9, 18_000), 'it: 3.0 GB, now comparing, 20 s so far'],
])('%s', (_, now, earlier, line) => expect(sayStanding('it', now, earlier)).toBe(line))

test('without a terminal nobody looks', async () => {
  const look = (): never => {
    throw new Error('it looked')
  }
  expect(await watched({ live: null }, 'it', look, () => Promise.resolve(7))).toBe(7)
})

test('a look that breaks says nothing of the work, and the line is taken away', async () => {
  const lines: string[] = []
  const { promise: looked, resolve } = Promise.withResolvers<null>()
  const look = async (): Promise<null> => {
    resolve(null)
    return await Promise.reject(new Error('an older daemon'))
  }
  const work = async (): Promise<string> => {
    await looked
    return 'done'
  }
  expect(await watched({ live: (line) => lines.push(line) }, 'it', look, work)).toBe('done')
  expect(lines).toEqual([''])
})

test('names that move a cursor are shown as their codes', async () => {
  const lines: string[] = []
  const { promise: shown, resolve } = Promise.withResolvers<null>()
  const live = (line: string): void => {
    lines.push(line)
    resolve(null)
  }
  await watched(
    { live },
    'backing up \u001b[2J',
    () => Promise.resolve(at(1, 1)),
    () => shown,
  )
  expect(lines[0]).toMatch(/^backing up \\u\{1b\}\[2J: 1 bytes/)
})

test('what is over is forgotten, also where it failed; what nobody began is not kept', async () => {
  let now = 0
  const progress = openProgress({ steady: () => now })
  progress.heard('shop', 5)
  expect(progress.of('shop')).toBe(null)
  const whole = Promise.resolve({ bytes: 9, about: true })
  await expect(
    progress.during('shop', whole, async () => {
      await whole
      now = 40
      progress.heard('shop', 6)
      expect(progress.of('shop')).toEqual({ bytes: 6, total: 9, about: true, sinceMs: 40 })
      throw new Error('the disk is full')
    }),
  ).rejects.toThrow('the disk is full')
  expect(progress.of('shop')).toBe(null)
})
