import * as fc from 'fast-check'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import type { Principal } from '../../core/principal.ts'
import { openLives } from './lives.ts'

const principal = (name: string): Principal => ({
  name,
  root: 'r',
  hops: ['r'],
  chain: [],
  mintedBy: 'person:a',
  scope: {
    targets: null,
    operations: [],
    environments: [],
    resources: [],
    expiresAt: 1,
    rows: null,
  },
})

const answer = (): ServerResponse => new ServerResponse(new IncomingMessage(new Socket()))

test('whoever is barred is cut, whatever came and went before, and nobody else', () => {
  const step = fc.record({ who: fc.constantFrom('a', 'b'), leaves: fc.nat(30) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const lives = openLives()
      const all = steps.map(({ who, leaves }) => ({ who, leaves, outgoing: answer() }))
      const gone = new Set<ServerResponse>()
      const ways = all.map(({ who, outgoing }) => lives.enter(principal(who), outgoing))
      for (const { leaves } of all) {
        // Leaving twice takes nobody else out.
        ways[leaves]?.()
        ways[leaves]?.()
        const left = all[leaves]
        if (left !== undefined) gone.add(left.outgoing)
      }
      lives.cut(({ name }) => name === 'a')
      for (const { who, outgoing } of all)
        expect(outgoing.destroyed).toBe(who === 'a' && !gone.has(outgoing))
    }),
  )
})

test('who is cut may leave at once, and the next is cut all the same', () => {
  const lives = openLives()
  const all = Array.from({ length: 5 }, answer)
  for (const outgoing of all) {
    const leave = lives.enter(principal('a'), outgoing)
    outgoing.destroy = (): ServerResponse => {
      leave()
      cut.push(outgoing)
      return outgoing
    }
  }
  const cut: ServerResponse[] = []
  lives.cut(() => true)
  expect(cut).toEqual(all)
  lives.cut(() => true)
  expect(cut).toEqual(all)
})
