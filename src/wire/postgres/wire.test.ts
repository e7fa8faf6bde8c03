import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FirebreakError } from '../../base/error.ts'
import * as back from './back.ts'
import { frame, frameLength, int32, joined, startLength } from './frame.ts'
import * as front from './front.ts'
import { Scan, type Found } from './scan.ts'
import { readStart, writeStart, type Start } from './start.ts'
import { readStep, writeStep, type Step } from './step.ts'
import { openWalk } from './walk.ts'

const text = fc.string({ unit: 'grapheme' }).filter((made) => !made.includes('\0'))
const bytes = fc.uint8Array({ maxLength: 64 })
const id = fc.nat(0xffffffff)
const code = fc.nat(0xffff)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('parse'),
    name: text,
    text,
    types: fc.array(id, { maxLength: 5 }),
  }),
  fc.record({
    kind: fc.constant('bind'),
    portal: text,
    statement: text,
    values: fc.array(fc.option(bytes), { maxLength: 5 }),
    formats: fc.array(code, { maxLength: 5 }),
    results: fc.array(code, { maxLength: 5 }),
  }),
  fc.record({ kind: fc.constant('execute'), portal: text, rows: fc.integer() }),
  fc.record({
    kind: fc.constantFrom('describe', 'close'),
    what: fc.constantFrom('statement', 'portal'),
    name: text,
  }),
)
const start: fc.Arbitrary<Start> = fc.oneof(
  fc.record({ kind: fc.constantFrom('ssl', 'gss') }),
  fc.record({
    kind: fc.constant('cancel'),
    process: fc.integer(),
    secret: fc.uint8Array({ minLength: 4, maxLength: 256 }),
  }),
  fc.record({
    kind: fc.constant('begin'),
    major: fc.constantFrom(2, 3),
    minor: code,
    parameters: fc.array(fc.tuple(text.filter(Boolean), text), { maxLength: 5 }),
  }),
)
const authentication: fc.Arbitrary<back.Authentication> = fc.oneof(
  fc.record({ kind: fc.constantFrom('ok', 'cleartext') }),
  fc.record({ kind: fc.constant('md5'), salt: fc.uint8Array({ minLength: 4, maxLength: 4 }) }),
  fc.record({ kind: fc.constant('sasl'), mechanisms: fc.array(text.filter(Boolean)) }),
  fc.record({ kind: fc.constantFrom('sasl-continue', 'sasl-final'), data: bytes }),
  fc.record({ kind: fc.constant('other'), code: fc.integer({ min: 13 }) }),
)

const body = (made: Uint8Array): Uint8Array => made.subarray(5)

describe('what is made reads as what it was made from', () => {
  const same = <T>(what: fc.Arbitrary<T>, round: (made: T) => unknown): void =>
    fc.assert(
      fc.property(what, (made) => {
        expect(round(made)).toEqual(made)
      }),
    )

  test('a step', () => same(step, (made) => read(writeStep(made))))
  test('a start', () => same(start, (made) => readStart(writeStart(made))))
  test('an authentication', () =>
    same(authentication, (made) => back.readAuthentication(body(back.writeAuthentication(made)))))
  test('a setting', () =>
    same(fc.tuple(text, text), ([name, value]) =>
      back.readSetting(body(back.writeSetting(name, value))),
    ))
  test('a key', () =>
    same(
      fc.record({ process: fc.integer(), secret: fc.uint8Array({ minLength: 4, maxLength: 32 }) }),
      ({ process, secret }) => back.readKey(body(back.writeKey(process, secret))),
    ))
  test('ready', () =>
    same(fc.constantFrom('I', 'T', 'E'), (made) => back.readReady(body(back.writeReady(made)))))
  test('a query and a password', () => {
    same(text, (made) => front.readQuery(front.query(made), 0, front.query(made).length))
    same(text, (made) => front.readPassword(front.password(made), 0, front.password(made).length))
  })
  test('a call', () => same(id, (made) => front.readCall(front.call(made), 0, 15)))
  test('an error, and its code even where its end is missing', () =>
    fc.assert(
      fc.property(text, text, (code, message) => {
        const made = body(
          back.writeError(
            new Map([
              ['C', code],
              ['M', message],
            ]),
          ),
        )
        expect([...back.readFields(made)]).toEqual([
          ['C', code],
          ['M', message],
        ])
        expect(back.codeOf(made)).toBe(code)
        expect(back.codeOf(made.subarray(0, Buffer.byteLength(code) + 2))).toBe(code)
      }),
    ))
})

test('what was read, made again, gives the same bytes', () =>
  fc.assert(
    fc.property(step, (made) => {
      const written = writeStep(made)
      const again = read(written)
      expect(again && writeStep(again)).toEqual(written)
    }),
  ))

function read(written: Uint8Array): Step | null {
  return readStep(written, 0, written.length)
}

/** Bytes near to a message, and bytes far from all. */
const nasty = fc.oneof(
  fc.uint8Array({ maxLength: 80 }),
  fc
    .tuple(fc.constantFrom(...Array.from('PBEDCQFpRSKZETDv')), bytes)
    .map(([type, made]) => frame(type, made)),
  fc.tuple(step, fc.nat(), fc.nat(255)).map(([made, at, byte]) => {
    const written = writeStep(made)
    written[5 + (at % Math.max(1, written.length - 5))] = byte
    return written
  }),
)

const readers: readonly (readonly [string, (made: Uint8Array, end: number) => unknown])[] = [
  ['step', (made, end) => readStep(made, 0, end)],
  ['start', (made, end) => readStart(made.subarray(0, end))],
  ['query', (made, end) => front.readQuery(made, 0, end)],
  ['call', (made, end) => front.readCall(made, 0, end)],
  ['password', (made, end) => front.readPassword(made, 0, end)],
  ['authentication', (made, end) => back.readAuthentication(made.subarray(5, end))],
  ['setting', (made, end) => back.readSetting(made.subarray(5, end))],
  ['key', (made, end) => back.readKey(made.subarray(5, end))],
  ['ready', (made, end) => back.readReady(made.subarray(5, end))],
  ['fields', (made, end) => back.readFields(made.subarray(5, end))],
  ['code', (made, end) => back.codeOf(made.subarray(5, end))],
  ['tag', (made, end) => back.readTag(made.subarray(5, end))],
  ['row', (made, end) => back.readRow(made.subarray(5, end))],
  ['frame', (made, end) => frameLength(made, 0, end, 1000)],
  ['start frame', (made, end) => startLength(made, 0, end)],
]

/** What comes of it: the value, or the one error that may come. */
function outcome(read: () => unknown): unknown {
  try {
    return { value: read() }
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(FirebreakError)
    return 'malformed'
  }
}

test.each(readers)(
  'any bytes: %s gives a value or the one error, and reads not past its end',
  (_, reader) =>
    fc.assert(
      fc.property(nasty, bytes, bytes, (made, one, other) => {
        // What lies behind the end makes no difference.
        const [left, right] = [joined([made, one]), joined([made, other])]
        expect(outcome(() => reader(left, made.length))).toEqual(
          outcome(() => reader(right, made.length)),
        )
      }),
      { numRuns: 500 },
    ),
)

test.each<[string, Uint8Array]>([
  ['a length below its own', Uint8Array.of(81, 0, 0, 0, 3)],
  ['a negative length', Uint8Array.of(81, 255, 255, 255, 255)],
  ['a length above the limit', Uint8Array.of(81, 0, 0, 4, 0)],
])('a frame with %s is refused', (_, made) =>
  expect(() => frameLength(made, 0, made.length, 1000)).toThrow(FirebreakError),
)

test.each<[string, Uint8Array]>([
  ['a text with a second zero byte', frame('Q', Uint8Array.of(65, 0, 65, 0))],
  ['a text without an end', frame('Q', Uint8Array.of(65))],
])('%s is no query', (_, made) =>
  expect(() => front.readQuery(made, 0, made.length)).toThrow(FirebreakError),
)

test.each<[string, Uint8Array, unknown]>([
  ['not UTF-8', frame('Q', Uint8Array.of(255, 0)), null],
  ['with a byte order mark', frame('Q', Uint8Array.of(0xef, 0xbb, 0xbf, 65, 0)), '\uFEFFA'],
])('a query %s', (_, made, said) => expect(front.readQuery(made, 0, made.length)).toBe(said))

test('more values than there is room for are refused before any is made', () =>
  expect(() => read(frame('B', '', '', Uint8Array.of(0, 0, 255, 255)))).toThrow(FirebreakError))

describe('a scan', () => {
  const data = fc.uint8Array({ maxLength: 200 }).map((made) => frame('d', made))
  const message = fc.oneof(
    step.map(writeStep),
    text.map(front.query),
    fc.constantFrom(front.sync, front.flush, frame('c'), front.copyFail('x'), front.call(5)),
    data,
  )
  const messages = fc.array(message, { maxLength: 20 })

  function scanned(
    whole: Uint8Array,
    cuts: readonly number[],
  ): { kinds: string[]; bytes: Uint8Array } {
    const scan = new Scan(1 << 20)
    const kinds: string[] = []
    const taken: Uint8Array[] = []
    let at = 0
    for (const cut of [
      ...cuts.map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b),
      whole.length,
    ]) {
      if (cut > at) scan.push(whole.slice(at, cut))
      at = Math.max(at, cut)
      for (let found: Found | null; (found = scan.next()) !== null;) {
        // Data goes on in as many pieces as it comes in.
        if (found.kind !== 'copy' || kinds.at(-1) !== 'copy') kinds.push(found.kind)
        taken.push(scan.bytes.slice(found.at, found.end))
      }
    }
    return { kinds, bytes: joined(taken) }
  }

  test('finds the same however the bytes come, and leaves none out', () =>
    fc.assert(
      fc.property(messages, fc.array(fc.nat(), { maxLength: 12 }), (made, cuts) => {
        const whole = joined([...made, front.sync])
        const at = scanned(whole, cuts)
        expect(at).toEqual(scanned(whole, []))
        expect(at.bytes).toEqual(whole)
      }),
    ))

  test('takes many steps in parts', () => {
    const scan = new Scan(1 << 24)
    const big = writeStep({ kind: 'parse', name: 'a', text: 'x'.repeat(1 << 19), types: [] })
    scan.push(joined([big, big, big]))
    expect(scan.next()).toMatchObject({
      kind: 'extended',
      closes: 'part',
      at: 0,
      end: 2 * big.length,
    })
    expect(scan.next()).toBeNull()
    expect(scan.left).toBe(big.length)
  })

  test('any bytes give findings or the one error', () =>
    fc.assert(
      fc.property(fc.array(nasty), (made) => void outcome(() => scanned(joined(made), []))),
    ))
})

describe('a walk', () => {
  const frames = fc.array(
    fc.tuple(fc.constantFrom('D', 'N', 'S', 'Z', 'C'), fc.uint8Array({ maxLength: 40 })),
    { maxLength: 15 },
  )

  /** Keeps `D` from going on; reads three bytes of `S`, all of `C`. */
  function walked(
    whole: Uint8Array,
    cuts: readonly number[],
  ): { went: Uint8Array; read: unknown[] } {
    const went: Uint8Array[] = []
    const read: unknown[] = []
    const walk = openWalk(
      {
        begins: (type, length) => ({
          goes: type !== 68,
          read: type === 83 ? 3 : type === 67 ? length + 1 : 0,
        }),
        ends: (type, made) => read.push([type, [...made]]),
        goes: (made) => went.push(Uint8Array.from(made)),
      },
      1000,
    )
    const isWhole = (): boolean => {
      const sent = joined(went)
      let at = 0
      for (let length = 1; length > 0 && at < sent.length; at += length)
        length = frameLength(sent, at, sent.length, 1000)
      return at === sent.length
    }
    let at = 0
    for (const cut of [
      ...cuts.map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b),
      whole.length,
    ]) {
      // As a socket reads: into a buffer that is read into again.
      const chunk = Buffer.from(whole.subarray(at, cut))
      walk.push(chunk)
      chunk.fill(0xff)
      expect(walk.whole).toBe(isWhole())
      at = Math.max(at, cut)
    }
    return { went: joined(went), read }
  }

  test('tells and lets go the same however the bytes come', () =>
    fc.assert(
      fc.property(frames, fc.array(fc.nat(), { maxLength: 12 }), (made, cuts) => {
        const written = made.map(([type, content]) => frame(type, content))
        const { went, read } = walked(joined(written), cuts)
        expect(went).toEqual(joined(written.filter((_, at) => made[at]?.[0] !== 'D')))
        expect(read).toEqual(
          made
            .filter(([type]) => type === 'S' || type === 'C')
            .map(([type, content]) => [
              type.charCodeAt(0),
              Array.from(content.slice(0, type === 'S' ? 3 : undefined)),
            ]),
        )
      }),
    ))

  test('lets a chunk go in one piece, and as it is', () => {
    const chunk = joined([frame('D', int32(1)), frame('Z', Uint8Array.of(73))])
    const went: Uint8Array[] = []
    openWalk(
      {
        begins: () => ({ goes: true, read: 1 }),
        ends: () => undefined,
        goes: (made) => went.push(made),
      },
      1000,
    ).push(chunk)
    expect(went).toHaveLength(1)
    expect(went[0]).toBe(chunk)
  })
})
