/** The hook's own judgement of the default policy beside Cedar's. */
import { expect, test } from 'vitest'
import { loadPolicy } from '../../src/app/policies.ts'
import { destroyKinds, effects } from '../../src/core/effect.ts'
import { byDefault, lifeline } from '../../src/gateways/hook/default-policy.ts'

const policy = await loadPolicy(null)

/** Every set of kinds, by the bits of a number. */
const sets = Array.from({ length: 2 ** destroyKinds.length }, (_, bits) =>
  destroyKinds.filter((_, nth) => (bits & (1 << nth)) !== 0),
)
const question = {
  principal: 'explain',
  target: 'explain',
  platform: 'explain',
  operation: 'x',
  environments: [],
  protected: true,
  radiusKnown: false,
  bytes: 0,
  rows: -1,
  backupsLost: 0,
  backupsLeft: 0,
}

test.each(effects)('one policy: %s is answered as Cedar does, for every set of kinds', (effect) => {
  for (const kinds of sets)
    expect({ kinds, ...byDefault({ effect, kinds }) }).toEqual({
      kinds,
      ...policy.decide({ ...question, effect, kinds, lifeline: false }).verdict,
    })
})

test('Firebreak’s own is denied in Cedar’s words', () => {
  const asked = { ...question, effect: 'write', kinds: [], lifeline: true } as const
  expect(policy.decide(asked).verdict).toEqual({ kind: 'deny', findings: [lifeline] })
})
