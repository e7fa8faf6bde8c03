import { expect, test } from 'vitest'
import { openLanes } from './lanes.ts'
import type { Lane } from './lanes.ts'

/** Lanes whose half minute ends when the test says so. */
function rig() {
  const tasks = new Set<() => void>()
  const lanes = openLanes((_, task) => {
    tasks.add(task)
    return () => void tasks.delete(task)
  })
  const order: string[] = []
  const enter = async (name: string, lane: Lane): Promise<() => void> => {
    const leave = await lanes.enter('t', lane)
    order.push(name)
    return leave
  }
  return { lanes, tasks, order, enter }
}

test('a free road is entered at once, and nothing is armed for it', () => {
  const { lanes, tasks } = rig()
  expect(lanes.enter('t', 'together')).toBeTypeOf('function')
  expect(lanes.enter('t', 'together')).toBeTypeOf('function')
  expect(lanes.enter('other', 'alone')).toBeTypeOf('function')
  expect(tasks.size).toBe(0)
})

test('one alone waits for those that go together, and whoever comes after it waits too', async () => {
  const { order, enter, tasks } = rig()
  const [first, second] = await Promise.all([enter('a', 'together'), enter('b', 'together')])
  const alone = enter('alone', 'alone')
  const late = enter('late', 'together')
  first()
  first()
  await Promise.resolve()
  expect(order).toEqual(['a', 'b'])
  second()
  const leave = await alone
  await Promise.resolve()
  expect(order).toEqual(['a', 'b', 'alone'])
  leave()
  await late
  expect(order).toEqual(['a', 'b', 'alone', 'late'])
  expect(tasks.size).toBe(0)
})

test('one alone keeps all others off until it has left', async () => {
  const { lanes, order, enter } = rig()
  const leave = await enter('alone', 'alone')
  const others = [enter('next', 'alone'), enter('after', 'together')]
  await Promise.resolve()
  expect(order).toEqual(['alone'])
  leave()
  const next = await others[0]
  next?.()
  const after = await others[1]
  after?.()
  expect(order).toEqual(['alone', 'next', 'after'])
  expect(lanes.enter('t', 'alone')).toBeTypeOf('function')
})

test('whose turn does not come within its time is told so, and those behind it go on', async () => {
  const { enter, tasks } = rig()
  const leave = await enter('a', 'together')
  const late = enter('alone', 'alone').catch((thrown: unknown) => thrown)
  const behind = enter('behind', 'together')
  for (const task of [...tasks].slice(0, 1)) task()
  expect(await late).toMatchObject({ code: 'wrong_state' })
  const other = await behind
  leave()
  other()
})
