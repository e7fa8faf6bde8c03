/** The names of a session: whatever the server makes of a Parse, no text that could run goes unjudged. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openNames } from './names.ts'
import type { Batch, Step } from './seam.ts'

const parse = (name: string, text: string): Step => ({ kind: 'parse', name, text, types: [] })
const bind = (portal: string, statement: string): Step => ({
  kind: 'bind',
  portal,
  statement,
  values: [],
  formats: [],
  results: [],
})
const execute = (portal: string): Step => ({ kind: 'execute', portal, rows: 0 })
const batch = (steps: readonly Step[], closes: 'sync' | 'flush' = 'sync'): Batch => ({
  kind: 'extended',
  steps,
  closes,
  bytes: new Uint8Array(),
})
type Names = ReturnType<typeof openNames>
const textsIn = (names: Names, made: Batch): readonly string[] | null =>
  names.look(made).runs?.flatMap(({ bounds }) => bounds.map(({ text }) => text)) ?? null
const send = (names: Names, made: Batch): void =>
  names.sent(names.look(made), {
    closes: made.kind !== 'extended' || made.closes === 'sync',
    isOver: false,
  })
const texts = (names: ReturnType<typeof openNames>, ...steps: readonly Step[]): unknown =>
  textsIn(names, batch(steps))

test('a client that sends thousands of messages and never syncs costs each of them no more than the first', () => {
  const names = openNames()
  const all = Array.from({ length: 20_000 }, () =>
    batch([parse('', 'SELECT 1'), bind('', ''), execute('')], 'flush'),
  )
  // Work, and not the time in which others had the processor.
  const begun = process.threadCpuUsage()
  for (const one of all) send(names, one)
  for (const one of all) if (one.kind === 'extended') one.steps.forEach((step) => names.done(step))
  expect(texts(names, execute(''))).toEqual(['SELECT 1'])
  expect(process.threadCpuUsage(begun).user / 1000).toBeLessThan(3000)
})

test('a statement that was prepared is known by its name, until it is closed', () => {
  const names = openNames()
  const first = batch([parse('a', 'SELECT 1')])
  send(names, first)
  names.done(parse('a', 'SELECT 1'))
  names.ready('I')
  expect(texts(names, bind('', 'a'), execute(''))).toEqual(['SELECT 1'])
  names.done({ kind: 'close', what: 'statement', name: 'a' })
  expect(texts(names, bind('', 'a'), execute(''))).toBeNull()
})

test('a name that is given another text means both, until the server has said which', () => {
  const names = openNames()
  send(names, batch([parse('a', 'DROP TABLE t')]))
  names.done(parse('a', 'DROP TABLE t'))
  names.ready('I')
  // The server refuses this one, since the name is taken: the old text stays behind it.
  send(names, batch([parse('a', 'SELECT 1')]))
  expect(texts(names, bind('', 'a'), execute(''))).toEqual(['DROP TABLE t', 'SELECT 1'])
  names.ready('I')
  expect(texts(names, bind('', 'a'), execute(''))).toEqual(['DROP TABLE t'])
})

test('a portal lives as long as its transaction, across Flush and Sync', () => {
  const names = openNames()
  const steps = [parse('', 'DELETE FROM t'), bind('p', '')]
  send(names, batch(steps, 'flush'))
  expect(texts(names, execute('p'))).toEqual(['DELETE FROM t'])
  steps.forEach((step) => names.done(step))
  send(names, batch([]))
  names.ready('T')
  expect(texts(names, execute('p'))).toEqual(['DELETE FROM t'])
  send(names, { kind: 'query', text: 'COMMIT', bytes: new Uint8Array() })
  names.ready('I')
  expect(texts(names, execute('p'))).toBeNull()
})

test('a portal that is bound anew is nothing of what it was, however long the transaction', () => {
  const names = openNames()
  for (const text of ['DROP TABLE t', 'SELECT 1', 'SELECT 2']) {
    const steps = [parse('', text), bind('', ''), execute('')]
    expect(texts(names, ...steps)).toEqual([text])
    send(names, batch(steps))
    steps.forEach((step) => names.done(step))
    names.ready('T')
  }
  expect(texts(names, execute(''))).toEqual(['SELECT 2'])
})

test('what was prepared before a Flush is one text, and no hope beside it', () => {
  const names = openNames()
  const steps = [parse('a', 'DELETE FROM t'), bind('p', 'a')]
  send(names, batch(steps, 'flush'))
  steps.forEach((step) => names.done(step))
  expect(texts(names, bind('', 'a'), execute(''), execute('p'))).toEqual([
    'DELETE FROM t',
    'DELETE FROM t',
  ])
})

test("what was bound stays what it was, though the relay's bytes are used again", () => {
  const names = openNames()
  const value = Uint8Array.of(1)
  const bound: Step = {
    kind: 'bind',
    portal: 'p',
    statement: '',
    values: [value],
    formats: [],
    results: [],
  }
  const steps = [parse('', 'SELECT $1'), bound]
  send(names, batch(steps))
  value.fill(9)
  steps.forEach((step) => names.done(step))
  names.ready('T')
  const [ran] = names.look(batch([execute('p')])).runs ?? []
  expect(ran?.bounds.map(({ values }) => values)).toEqual([[Uint8Array.of(1)]])
})

test("a name of SQL's PREPARE is bound as its EXECUTE, and is forgotten as SQL forgets it", () => {
  const names = openNames()
  names.left({ kind: 'prepared', name: 'q"', text: 'PREPARE "q""" AS DELETE FROM t' })
  expect(texts(names, bind('', 'q"'), execute(''))).toEqual(['EXECUTE "q"""'])
  names.done(parse('a', 'SELECT 1'))
  names.left({ kind: 'forgotten', name: 'q"', text: '' })
  expect(texts(names, bind('', 'q"'), execute(''))).toBeNull()
  names.left({ kind: 'forgotten', name: '', text: '' })
  expect(names.prepared('a')).toBeNull()
})

test('what runs in a batch is told in its order, with a name that the batch itself gives', () => {
  const steps = [
    parse('', 'A'),
    bind('', ''),
    execute(''),
    parse('b', 'B'),
    bind('q', 'b'),
    execute('q'),
  ]
  expect(texts(openNames(), ...steps)).toEqual(['A', 'B'])
  expect(texts(openNames(), bind('', 'never'))).toBeNull()
})

test('whatever the server does and skips, what it runs was told before', () => {
  const name = fc.constantFrom('', 'a', 'b')
  const step = fc.oneof(
    fc.record({ kind: fc.constant('parse' as const), name, text: fc.constantFrom('X', 'Y', 'Z') }),
    fc.record({ kind: fc.constant('bind' as const), portal: name, statement: name }),
    fc.record({ kind: fc.constant('execute' as const), portal: name }),
  )
  const walk = fc.array(
    fc.record({
      steps: fc.array(step, { maxLength: 5 }),
      failsAt: fc.integer({ min: 0, max: 8 }),
      inTransaction: fc.boolean(),
    }),
    { maxLength: 8 },
  )
  fc.assert(
    fc.property(walk, (batches) => {
      const names = openNames()
      const server = openServer()
      for (const { steps, failsAt, inTransaction } of batches) {
        const whole = steps.map(asStep)
        const told = textsIn(names, batch(whole))
        send(names, batch(whole))
        for (const one of server.takes(whole, failsAt)) {
          if (one.ran !== null && told !== null) expect(told).toContain(one.ran)
          names.done(one.step)
        }
        names.ready(server.ends(inTransaction ? 'T' : 'I'))
      }
    }),
    { numRuns: 2000 },
  )
})

type Wish =
  | { readonly kind: 'parse'; readonly name: string; readonly text: string }
  | { readonly kind: 'bind'; readonly portal: string; readonly statement: string }
  | { readonly kind: 'execute'; readonly portal: string }

function asStep(wish: Wish): Step {
  if (wish.kind === 'parse') return parse(wish.name, wish.text)
  return wish.kind === 'bind' ? bind(wish.portal, wish.statement) : execute(wish.portal)
}

interface Done {
  readonly step: Step
  readonly ran: string | null
}

/** A server as the protocol has it: a name that is taken is not given again, and a failure skips the rest. */
function openServer(): {
  readonly takes: (steps: readonly Step[], failsAt: number) => readonly Done[]
  readonly ends: (status: 'I' | 'T') => 'I' | 'T'
} {
  const statements = new Map<string, string>()
  const portals = new Map<string, string>()
  const give = (map: Map<string, string>, name: string, text: string | undefined): boolean => {
    if (text === undefined || (name !== '' && map.has(name))) return false
    map.set(name, text)
    return true
  }
  const take = (step: Step): Done | null => {
    if (step.kind === 'execute') {
      const ran = portals.get(step.portal)
      return ran === undefined ? null : { step, ran }
    }
    const fits =
      step.kind === 'parse'
        ? give(statements, step.name, step.text)
        : step.kind === 'bind' && give(portals, step.portal, statements.get(step.statement))
    return fits ? { step, ran: null } : null
  }
  return {
    takes: (steps, failsAt) => {
      const all: Done[] = []
      for (const step of steps.slice(0, failsAt)) {
        const done = take(step)
        if (done === null) break
        all.push(done)
      }
      return all
    },
    ends: (status) => {
      if (status === 'I') portals.clear()
      return status
    },
  }
}
