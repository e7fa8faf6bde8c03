import { expect, test } from 'vitest'
import { openTurn } from './turn.ts'

test("pieces run one after another in the order they were asked for, and a fault is its own asker's", async () => {
  const inTurn = openTurn()
  const seen: string[] = []
  const piece = (name: string) => async (): Promise<string> => {
    seen.push(`${name} begins`)
    await Promise.resolve()
    seen.push(`${name} ends`)
    if (name === 'b') throw new Error('broken')
    return name
  }
  const all = await Promise.allSettled(['a', 'b', 'c'].map((name) => inTurn(piece(name))))
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
})
