import { describe, expect, test } from 'vitest'
import { openSession, type Sent } from './session.ts'
import type { Step } from './step.ts'

const steps: Readonly<Record<string, Step>> = {
  P: { kind: 'parse', name: '', text: '', types: [] },
  B: { kind: 'bind', portal: '', statement: '', values: [], formats: [], results: [] },
  E: { kind: 'execute', portal: '', rows: 0 },
  D: { kind: 'describe', what: 'statement', name: '' },
  C: { kind: 'close', what: 'portal', name: '' },
}
const marks: Readonly<Record<string, Sent>> = { Q: 'query', F: 'call', S: 'sync', c: 'copy-end' }

/** `>PBES` is sent by the client, `<12C` and `<ZT` come from the server. */
function played(script: string): string {
  const session = openSession()
  for (const word of script.split(' ')) {
    const letters = word.slice(1)
    if (word.startsWith('>'))
      for (const letter of letters) session.sent(steps[letter] ?? marks[letter] ?? 'sync')
    else if (letters.startsWith('Z'))
      session.heard(90, letters === 'ZT' ? 'T' : letters === 'ZE' ? 'E' : 'I')
    else for (const letter of letters) session.heard(letter.charCodeAt(0))
  }
  const { quiet, copying, skipping, open, midway, status } = session
  return Object.entries({ quiet, copying, skipping, open, midway })
    .filter(([, is]) => is)
    .map(([name]) => name)
    .concat(status)
    .join(' ')
}

test.each<[string, string, string]>([
  ['nothing was sent', '>', 'quiet I'],
  ['a query waits', '>Q', 'I'],
  ['a query is answered', '>Q <TDDC <C <Z', 'quiet I'],
  ['in a transaction', '>Q <C <ZT', 'quiet T'],
  ['steps without Sync', '>PBE', 'open midway I'],
  ['steps with Sync', '>PBES', 'I'],
  ['all answered but Sync', '>PDBES <1tT2 <DDC', 'I'],
  ['all answered', '>PDBEC <1tT2 <s3', 'quiet midway I'],
  ['two batches', '>PBES >Q <12C <Z', 'I'],
  ['a failure skips to Sync', '>PBES >Q <1 <E <Z', 'I'],
  ['a failure skips a Query too', '>PB >Q >S <E', 'I'],
  ['a failure without a Sync', '>PBE <E', 'quiet skipping midway I'],
  ['what comes then is not waited for', '>PBE <E >PB >Q', 'quiet skipping I'],
  ['until a Sync', '>PBE <E >PB >S <ZE', 'quiet E'],
  ['a failure at Sync is no step of it', '>PBES <12C <E <Z', 'quiet I'],
  ['a failure of a query', '>Q >Q <E <Z', 'I'],
  ['a failure of a call', '>F <E <Z', 'quiet I'],
  ['a call', '>F <V <Z', 'quiet I'],
  ['COPY', '>Q <G', 'copying I'],
  ['COPY, all sent', '>Q <G >c', 'I'],
  ['COPY, all done', '>Q <G >c <C <Z', 'quiet I'],
  ['COPY by steps ignores the Sync before its end', '>PBES <12G', 'copying open midway I'],
  ['COPY by steps', '>PBES <12G >c >S <C <Z', 'quiet I'],
  ['COPY whose data came early', '>PBE >c >S <12 <G <C <Z', 'quiet I'],
  ['an end of COPY without one', '>c', 'quiet I'],
  ['an end of COPY behind what was none', '>Q >c <C <Z', 'quiet I'],
  ['COPY by steps that fails', '>PBES <12G <E', 'quiet skipping midway I'],
  ['a word of the server that nobody asked for', '>Q <C <Z <NAS', 'quiet I'],
])('%s', (_, script, state) => expect(played(script)).toBe(state))

test('an unasked failure is heard', () => expect(played('>Q <C <Z <E')).toBe('quiet I'))

describe('an answer to what was not asked is a fault', () => {
  test.each<[string, string]>([
    ['of a step', '>P <2'],
    ['to nothing', '> <1'],
    ['to a Sync', '>S <C'],
    ['ready without reason', '> <Z'],
    ['data wanted by nobody', '>P <G'],
  ])('%s', (_, script) => expect(() => played(script)).toThrow('malformed'))
})

test('what is done is told, step by step', () => {
  const session = openSession()
  const sent = [steps['P'], steps['B'], steps['E']].filter((step) => step !== undefined)
  for (const step of sent) session.sent(step)
  expect([49, 50, 67].map((type) => session.heard(type))).toEqual(sent)
})

test('ten thousand steps leave nothing behind', () => {
  const session = openSession()
  for (let count = 0; count < 10_000; count += 1) session.sent('query')
  for (let count = 0; count < 10_000; count += 1) session.heard(90, 'I')
  expect(session.quiet).toBe(true)
})
