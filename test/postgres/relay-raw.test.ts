/** The raw protocol through the relay: byte for byte what the server says, and refusals that leave what an error leaves. */
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { frame, int32 } from '../../src/wire/postgres/frame.ts'
import { copyFail, flush, query, sync } from '../../src/wire/postgres/front.ts'
import { writeStart } from '../../src/wire/postgres/start.ts'
import { writeStep, type Step } from '../../src/wire/postgres/step.ts'
import { readFields, readKey, readReady } from '../../src/wire/postgres/back.ts'
import type {
  Batch,
  Desk,
  Enforcer,
  Heard,
  Refusal,
  Way,
} from '../../src/gateways/postgres/seam.ts'
import {
  agent,
  login,
  openGateway,
  raw,
  startServer,
  type Message,
  type Opened,
  type Raw,
  type Server,
} from './relay-house.ts'

let server: Server
let opened: Opened
const heard: Heard[] = []
let closed = 0
let bounded: ((desk: Desk) => Promise<Refusal | null>) | null = null

const error: Refusal = { code: '42501', message: 'held', detail: 'all rows', hint: 'ask' }

/** Refuses what names `doomed`, a call of the function 8642, and a description of `no_such`; `slowly` waits; `watched` is run at the desk. */
function judge(batch: Batch, status: string | null): Way | Promise<Way> {
  const said =
    batch.kind === 'extended'
      ? JSON.stringify(batch.steps)
      : batch.kind === 'query'
        ? batch.text
        : `${batch.oid}`
  if (said.includes('slowly') && status === null) return { kind: 'wait' }
  if (/doomed|8642|no_such/.test(said)) return Promise.resolve({ kind: 'refuse', error })
  if (said.includes('watched') && bounded !== null) return { kind: 'bounded', run: bounded }
  return { kind: 'pass' }
}

const enforcer: Enforcer = {
  judge,
  heard: (message) => heard.push(message),
  closed: () => {
    closed += 1
  },
}

beforeAll(async () => {
  server = await startServer([], [])
  opened = await openGateway(
    {
      host: server.folder,
      port: server.port,
      user: 'boss',
      database: 'postgres',
      tls: { kind: 'off' },
    },
    'none',
    { enforce: () => enforcer },
  )
})
afterAll(async () => {
  await opened.gateway.close(100)
  await server.stop()
})

const direct = (): Promise<Raw> => login(server.port, 'boss', 'postgres', null)
const through = (): Promise<Raw> => login(opened.port, 'boss', 'shop')

const parse = (text: string, name = ''): Step => ({ kind: 'parse', name, text, types: [] })
const bind = (statement = '', values: readonly string[] = []): Step => ({
  kind: 'bind',
  portal: '',
  statement,
  values: values.map((value) => Buffer.from(value)),
  formats: [],
  results: [],
})
const execute: Step = { kind: 'execute', portal: '', rows: 0 }
const steps = (...list: readonly Step[]): Uint8Array => Buffer.concat(list.map(writeStep))
const data = (text: string): Uint8Array => frame('d', Buffer.from(text))
const copyDone = frame('c')

/** As text, for a comparison that can be read. */
const shown = (messages: readonly Message[]): readonly string[] =>
  messages.map(({ bytes }) => Buffer.from(bytes).toString('latin1'))

/** Each entry is said at once, then answers are awaited up to the type. */
type Scene = readonly (readonly [Uint8Array, string])[]

async function play(client: Raw, scene: Scene): Promise<readonly string[]> {
  const all: string[] = []
  for (const [said, until] of scene) {
    client.say(said)
    all.push(...shown(await client.until(until)))
  }
  client.socket.destroy()
  return all
}

/** A FunctionCall in binary form. */
const called = (oid: number, ...values: readonly Uint8Array[]): Uint8Array =>
  frame(
    'F',
    int32(oid),
    Uint8Array.of(0, 1, 0, 1, 0, values.length),
    ...values.flatMap((value) => [int32(value.length), value]),
    Uint8Array.of(0, 1),
  )

const one = steps(parse('SELECT $1::int', 'one'), bind('one', ['7']), execute)
const scenes: readonly (readonly [string, Scene])[] = [
  ['a query', [[query('SELECT 1; SELECT 2'), 'Z']]],
  ['an empty query', [[query(''), 'Z']]],
  ['extended', [[Buffer.concat([one, sync]), 'Z']]],
  [
    'describe and close',
    [
      [
        Buffer.concat([
          steps(
            parse('SELECT $1::int AS a', 's'),
            { kind: 'describe', what: 'statement', name: 's' },
            bind('s', ['1']),
            { kind: 'describe', what: 'portal', name: '' },
            execute,
            { kind: 'close', what: 'statement', name: 's' },
          ),
          sync,
        ]),
        'Z',
      ],
    ],
  ],
  [
    'portals row by row',
    [
      [
        Buffer.concat([
          steps(parse('SELECT generate_series(1,5)'), bind(), {
            kind: 'execute',
            portal: '',
            rows: 2,
          }),
          flush,
        ]),
        's',
      ],
      [Buffer.concat([steps({ kind: 'execute', portal: '', rows: 2 }), flush]), 's'],
      [Buffer.concat([steps(execute), sync]), 'Z'],
    ],
  ],
  [
    'many batches in one write',
    [
      [
        Buffer.concat([
          one,
          sync,
          query('SELECT 2'),
          steps(parse('SELECT 3'), bind(), execute),
          sync,
          query('SELECT 4'),
        ]),
        'Z',
      ],
      [new Uint8Array(0), 'Z'],
      [new Uint8Array(0), 'Z'],
      [new Uint8Array(0), 'Z'],
    ],
  ],
  [
    'an error skips to Sync, a query in between too',
    [
      [
        Buffer.concat([
          steps(parse('SELECT 1/0'), bind(), execute, parse('SELECT 5'), bind(), execute),
          query('SELECT 6'),
          sync,
          query('SELECT 7'),
        ]),
        'Z',
      ],
      [new Uint8Array(0), 'Z'],
    ],
  ],
  [
    'an error behind a Flush, then Sync later',
    [
      [Buffer.concat([steps(parse('SELEC')), flush]), 'E'],
      [Buffer.concat([one, query('SELECT 8'), sync]), 'Z'],
      [query('SELECT 9'), 'Z'],
    ],
  ],
  [
    'COPY in by Query, in pieces, with Sync and Flush in it',
    [
      [query('CREATE TEMP TABLE c (i int); COPY c FROM STDIN'), 'G'],
      [Buffer.concat([data('1\n'), sync, data('2\n3'), flush, data('4\n'), copyDone]), 'Z'],
      [query('SELECT i + 0 AS i FROM c'), 'Z'],
    ],
  ],
  [
    'COPY in extended',
    [
      [query('CREATE TEMP TABLE c (i int)'), 'Z'],
      [Buffer.concat([steps(parse('COPY c FROM STDIN'), bind(), execute), sync]), 'G'],
      [Buffer.concat([data('1\n'), copyDone, sync]), 'Z'],
      [query('SELECT i + 0 AS i FROM c'), 'Z'],
    ],
  ],
  [
    'COPY in extended, all at once',
    [
      [query('CREATE TEMP TABLE c (i int)'), 'Z'],
      [
        Buffer.concat([
          steps(parse('COPY c FROM STDIN'), bind(), execute),
          data('1\n'),
          data('2\n'),
          copyDone,
          sync,
        ]),
        'Z',
      ],
      [query('SELECT i + 0 AS i FROM c'), 'Z'],
    ],
  ],
  [
    'COPY in that the client gives up',
    [
      [query('CREATE TEMP TABLE c (i int); COPY c FROM STDIN'), 'G'],
      [copyFail('no more'), 'Z'],
      [query('SELECT 1'), 'Z'],
    ],
  ],
  [
    'COPY in extended that fails',
    [
      [query('CREATE TEMP TABLE c (i int)'), 'Z'],
      [Buffer.concat([steps(parse('COPY c FROM STDIN'), bind(), execute), flush]), 'G'],
      [Buffer.concat([data('x\n'), copyDone, sync]), 'Z'],
      [query('SELECT 1'), 'Z'],
    ],
  ],
  ['COPY out', [[query('COPY (SELECT generate_series(1,3000)) TO STDOUT'), 'Z']]],
  [
    'large objects by FunctionCall',
    [
      [query('BEGIN'), 'Z'],
      [called(715, int32(77_777)), 'Z'],
      [called(952, int32(77_777), int32(0x60000)), 'Z'],
      [called(955, int32(0), Buffer.from('some bytes')), 'Z'],
      [called(964, int32(77_777)), 'Z'],
      [called(0), 'Z'],
      [query('ROLLBACK'), 'Z'],
    ],
  ],
  [
    'a transaction block',
    [
      [query('BEGIN'), 'Z'],
      [query('SELECT 1/0'), 'Z'],
      [Buffer.concat([one, sync]), 'Z'],
      [query('ROLLBACK'), 'Z'],
    ],
  ],
  [
    'text that is not UTF-8',
    [
      [frame('Q', Buffer.from([83, 255, 0])), 'Z'],
      [query('SELECT 1'), 'Z'],
    ],
  ],
]

describe('each byte as the server says it', () => {
  test.each(scenes)('%s', async (name, scene) => {
    const [plain, relayed] = [await play(await direct(), scene), await play(await through(), scene)]
    // Which text fails is the gateway's own word here; its code and what follows are the server's.
    const shape = name.includes('UTF-8') ? (text: string): string => text.slice(0, 1) : String
    expect(relayed.map((text) => shape(text))).toEqual(plain.map((text) => shape(text)))
    expect(plain.length).toBeGreaterThan(0)
  })

  test('a scene cut into single bytes reads the same', async () => {
    const [, scene = []] = scenes.find(([name]) => name === 'COPY in extended') ?? []
    const plain = await play(await direct(), scene)
    const client = await through()
    client.socket.setNoDelay(true)
    const all: string[] = []
    for (const [said, until] of scene) {
      for (const byte of said) {
        client.socket.write(Uint8Array.of(byte))
        await new Promise((resolve) => setImmediate(resolve))
      }
      all.push(...shown(await client.until(until)))
    }
    client.socket.destroy()
    expect(all).toEqual(plain)
  })
})

const refused = (text: string): string => {
  const bytes = Buffer.from(text, 'latin1')
  if (text[0] !== 'E') return text
  const fields = readFields(bytes.subarray(5))
  return `E ${fields.get('S')}`
}

/** The same scene: direct with something that fails, through with something that is refused. */
type Pair = readonly [
  string,
  (bad: (kind: 'query' | 'extended' | 'call' | 'named') => Uint8Array) => Scene,
]
const after: Scene = [
  [query("SELECT count(*) FROM pg_class WHERE relname = 'kept'"), 'Z'],
  [query('ROLLBACK'), 'Z'],
  [query('SELECT count(*) FROM pg_class WHERE relname = $$kept$$'), 'Z'],
]
const pairs: readonly Pair[] = [
  ['idle', (bad) => [[bad('query'), 'Z'], ...after]],
  ['idle, extended', (bad) => [[Buffer.concat([bad('extended'), sync]), 'Z'], ...after]],
  ['idle, call', (bad) => [[bad('call'), 'Z'], ...after]],
  [
    'in a transaction',
    (bad) => [[query('BEGIN; CREATE TEMP TABLE kept ()'), 'Z'], [bad('query'), 'Z'], ...after],
  ],
  [
    'in a transaction, extended',
    (bad) => [
      [query('BEGIN; CREATE TEMP TABLE kept ()'), 'Z'],
      [Buffer.concat([bad('extended'), sync]), 'Z'],
      ...after,
    ],
  ],
  [
    'in a transaction, call',
    (bad) => [[query('BEGIN; CREATE TEMP TABLE kept ()'), 'Z'], [bad('call'), 'Z'], ...after],
  ],
  [
    'behind a savepoint',
    (bad) => [
      [query('BEGIN; CREATE TEMP TABLE kept (); SAVEPOINT s'), 'Z'],
      [bad('query'), 'Z'],
      [query('ROLLBACK TO s'), 'Z'],
      ...after,
    ],
  ],
  [
    'in a failed transaction',
    (bad) => [[query('BEGIN'), 'Z'], [query('SELECT 1/0'), 'Z'], [bad('query'), 'Z'], ...after],
  ],
  [
    'in an implicit transaction, behind a Flush',
    (bad) => [
      [Buffer.concat([steps(parse('CREATE TEMP TABLE kept ()'), bind(), execute), flush]), 'C'],
      [Buffer.concat([bad('extended'), sync]), 'Z'],
      ...after,
    ],
  ],
  [
    'with a Flush, then skipped to Sync',
    (bad) => [
      [Buffer.concat([bad('extended'), flush]), 'E'],
      [
        Buffer.concat([
          steps(parse('CREATE TEMP TABLE kept ()'), bind(), execute),
          query('SELECT 1'),
          sync,
        ]),
        'Z',
      ],
      ...after,
    ],
  ],
  [
    'pipelined: what stands before it has its answers, what stands behind goes on',
    (bad) => [
      [Buffer.concat([query('SELECT 1'), one, sync, bad('query'), query('SELECT 2')]), 'Z'],
      [new Uint8Array(0), 'Z'],
      [new Uint8Array(0), 'Z'],
      [new Uint8Array(0), 'Z'],
      ...after,
    ],
  ],
  [
    'the unnamed statement is lost by Query',
    (bad) => [
      [Buffer.concat([steps(parse('SELECT 77')), sync]), 'Z'],
      [bad('query'), 'Z'],
      [Buffer.concat([steps(bind(), execute), sync]), 'Z'],
    ],
  ],
  [
    'the unnamed statement is kept by what does not touch it',
    (bad) => [
      [Buffer.concat([steps(parse('SELECT 77')), sync]), 'Z'],
      [Buffer.concat([bad('named'), sync]), 'Z'],
      [Buffer.concat([steps(bind(), execute), sync]), 'Z'],
    ],
  ],
  [
    'the unnamed statement is kept by a call',
    (bad) => [
      [Buffer.concat([steps(parse('SELECT 77')), sync]), 'Z'],
      [bad('call'), 'Z'],
      [Buffer.concat([steps(bind(), execute), sync]), 'Z'],
    ],
  ],
]

describe('INVARIANT (refused like failed): session and transaction are as after an error of the server', () => {
  const fails = { query: query('SELEC'), extended: steps(parse('SELEC'), bind(), execute) }
  const held = {
    query: query('SELECT doomed'),
    extended: steps(parse('SELECT doomed'), bind(), execute),
  }
  const call = (oid: number): Uint8Array => frame('F', int32(oid), new Uint8Array(6))
  const named = steps({ kind: 'describe', what: 'statement', name: 'no_such' })
  test.each(pairs)('%s', async (_, scene) => {
    const plain = await play(
      await direct(),
      scene((kind) => ({ ...fails, call: call(1), named })[kind]),
    )
    const client = await through()
    const relayed = await play(
      client,
      scene((kind) => ({ ...held, call: call(8642), named })[kind]),
    )
    expect(relayed.map(refused)).toEqual(plain.map(refused))
    expect(relayed.some((text) => text.includes('Cheld') || text.includes('Mheld'))).toBe(true)
  })
})

test('a batch that waits is judged when all before it is answered', async () => {
  const client = await through()
  client.say(query('BEGIN'), query('SELECT 1 /* slowly */'))
  const first = await client.until('Z')
  const second = await client.until('Z')
  expect([...first, ...second].map(({ type }) => type).join('')).toBe('CZTDCZ')
  client.socket.destroy()
})

describe('a batch at the desk', () => {
  const scene: Scene = [
    [
      query('CREATE TEMP TABLE watched (i int); INSERT INTO watched SELECT generate_series(1,9)'),
      'Z',
    ],
  ]
  const prepared = async (): Promise<Raw> => {
    bounded = null
    const client = await through()
    for (const [said, until] of scene) {
      client.say(said)
      await client.until(until)
    }
    return client
  }
  const within =
    (most: number) =>
    async (desk: Desk): Promise<Refusal | null> => {
      await desk.ask(['BEGIN'])
      const { tags, error: failed } = await desk.send()
      const count = Number(tags[0]?.split(' ')[1] ?? 0)
      const good = failed === null && count <= most
      await desk.ask([good ? 'COMMIT' : 'ROLLBACK'])
      return good || failed !== null ? null : error
    }
  test.each<[string, number, Uint8Array, readonly [string, string]]>([
    ['a Query within its bounds', 9, query('DELETE FROM watched'), ['CZ', '0']],
    ['a Query beyond them', 8, query('DELETE FROM watched'), ['EZ', '9']],
    [
      'extended within',
      9,
      Buffer.concat([steps(parse('DELETE FROM watched RETURNING i'), bind(), execute), sync]),
      ['12DDDDDDDDDCZ', '0'],
    ],
    [
      'extended beyond',
      8,
      Buffer.concat([steps(parse('DELETE FROM watched RETURNING i'), bind(), execute), sync]),
      ['EZ', '9'],
    ],
    ['one that fails', 8, query('DELETE FROM watched WHERE i = 1/0'), ['EZ', '9']],
  ])('%s', async (_, most, said, [types, left]) => {
    const client = await prepared()
    bounded = within(most)
    client.say(said)
    const replies = await client.until('Z')
    expect(replies.map(({ type }) => type).join('')).toBe(types)
    expect(readReady(replies.at(-1)?.bytes.subarray(5) ?? Buffer.of())).toBe('I')
    bounded = null
    client.say(query('SELECT count(*) FROM watched'))
    const rows = await client.until('Z')
    expect(
      Buffer.from(rows[1]?.bytes ?? [])
        .toString()
        .slice(-1),
    ).toBe(left)
    client.socket.destroy()
  })

  test('replies beyond what is kept say so', async () => {
    const client = await prepared()
    const seen: boolean[] = []
    bounded = async (desk) => {
      seen.push((await desk.send()).overflow)
      return error
    }
    client.say(query("SELECT repeat('x', 3000000) FROM watched"))
    expect((await client.until('Z')).map(({ type }) => type).join('')).toBe('EZ')
    expect(seen).toEqual([true])
    client.socket.destroy()
  })
})

test('a cancel reaches what runs, and a wrong key reaches nothing', async () => {
  const client = raw(opened.port)
  client.say(
    writeStart({
      kind: 'begin',
      major: 3,
      minor: 0,
      parameters: [
        ['user', 'x'],
        ['database', 'shop'],
      ],
    }),
    frame('p', 'fbk_good'),
  )
  const greeting = await client.until('Z')
  const key = readKey(greeting.find(({ type }) => type === 'K')?.bytes.subarray(5) ?? Buffer.of())
  client.say(query("SELECT pg_sleep(60), 'to be cancelled'"))
  // A cancel that comes before the query cancels nothing.
  const watcher = await direct()
  for (;;) {
    watcher.say(
      query(
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%to be ' || 'cancelled%' AND state = 'active'",
      ),
    )
    const row = (await watcher.until('Z'))[1]
    if (
      Buffer.from(row?.bytes ?? [])
        .toString()
        .endsWith('1')
    )
      break
  }
  watcher.socket.destroy()
  const wrong = raw(opened.port)
  wrong.say(writeStart({ kind: 'cancel', process: key.process, secret: Buffer.from('none') }))
  expect(await wrong.until('Z')).toEqual([])
  const right = raw(opened.port)
  right.say(writeStart({ kind: 'cancel', ...key }))
  expect(await right.until('Z')).toEqual([])
  const replies = await client.until('Z')
  const failed = replies.find(({ type }) => type === 'E')
  expect(readFields(failed?.bytes.subarray(5) ?? Buffer.of()).get('C')).toBe('57014')
  client.socket.destroy()
})

test('notifications come while a session is idle', async () => {
  const [listener, speaker] = [await through(), await through()]
  listener.say(query('LISTEN news'))
  await listener.until('Z')
  speaker.say(query("NOTIFY news, 'hear'"))
  await speaker.until('Z')
  const told = (await listener.until('A')).at(-1)
  expect(Buffer.from(told?.bytes ?? []).toString('latin1')).toContain('news\0hear')
  for (const client of [listener, speaker]) client.socket.destroy()
})

test('the enforcer hears what was done, in order', async () => {
  const client = await through()
  heard.length = 0
  client.say(Buffer.concat([one, sync, query('SELECT 1/0')]))
  await client.until('Z')
  await client.until('Z')
  expect(heard.map((told) => (told.kind === 'done' ? told.step.kind : told.kind))).toEqual([
    'parse',
    'bind',
    'execute',
    'complete',
    'ready',
    'error',
    'ready',
  ])
  client.socket.destroy()
})

test.each(['SET standard_conforming_strings = off', "SET client_encoding = 'LATIN1'"])(
  'INVARIANT (pins): %s ends the session',
  async (text) => {
    const client = await through()
    client.say(query(text))
    const last = (await client.until('none')).at(-1)
    expect(readFields(last?.bytes.subarray(5) ?? Buffer.of()).get('S')).toBe('FATAL')
  },
)

test('INVARIANT (halt-halts): a cut ends what runs, at the client and at the server', async () => {
  const client = await through()
  client.say(query("SELECT pg_sleep(60), 'to be cut'"))
  const watcher = await direct()
  const running = query(
    "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%to be ' || 'cut%' AND state = 'active'",
  )
  const count = async (): Promise<string> => {
    watcher.say(running)
    return Buffer.from((await watcher.until('Z'))[1]?.bytes ?? [])
      .toString()
      .slice(-1)
  }
  while ((await count()) === '0');
  opened.gateway.cut((principal) => principal === agent)
  const last = (await client.until('none')).at(-1)
  expect(readFields(last?.bytes.subarray(5) ?? Buffer.of()).get('C')).toBe('57P01')
  while ((await count()) !== '0');
  watcher.socket.destroy()
})

describe('whoever goes, nothing stays', () => {
  /** Until the gateway has no session more than before, and the server no work of the test's. */
  async function gone(before: number): Promise<void> {
    const watcher = await direct()
    for (;;) {
      watcher.say(
        query("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%to be ' || 'left%'"),
      )
      const row = (await watcher.until('Z'))[1]
      const none = Buffer.from(row?.bytes ?? [])
        .toString()
        .endsWith('0')
      if (none && opened.gateway.sessions === before) break
    }
    watcher.socket.destroy()
  }

  test.each<[string, Scene]>([
    ['idle', [[query("SELECT 'to be left'"), 'Z']]],
    ['in a transaction', [[query("BEGIN; SELECT 'to be left'"), 'Z']]],
    [
      'while it sends data',
      [
        [query('CREATE TEMP TABLE c (t text); COPY c FROM STDIN /* to be left */'), 'G'],
        [data('x'), ''],
      ],
    ],
  ])('the client, %s', async (_, scene) => {
    const before = opened.gateway.sessions
    const ended = closed
    const client = await through()
    for (const [said, until] of scene) {
      client.say(said)
      if (until !== '') await client.until(until)
    }
    client.socket.resetAndDestroy()
    await gone(before)
    expect(closed).toBe(ended + 1)
  })

  test('the client, while its batch is being judged', async () => {
    const before = opened.gateway.sessions
    const ended = closed
    let judged = (): void => undefined
    const asked = new Promise<void>((resolve) => {
      bounded = async (desk) => {
        await desk.ask(['BEGIN /* to be left */'])
        resolve()
        await new Promise<void>((resolve) => {
          judged = resolve
        })
        // The session is over by now: silence is not taken for an answer.
        await desk.ask(['COMMIT']).catch((thrown: unknown) => {
          heard.push({ kind: 'error', code: String(thrown) })
        })
        return null
      }
    })
    const client = await through()
    client.say(query('SELECT 1 /* watched */'))
    await asked
    client.socket.destroy()
    await gone(before)
    heard.length = 0
    judged()
    await new Promise((resolve) => setImmediate(resolve))
    expect(heard).toEqual([{ kind: 'error', code: 'Error: the session is over' }])
    expect(closed).toBe(ended + 1)
    bounded = null
  })

  test('the server, in a transaction', async () => {
    const before = opened.gateway.sessions
    const client = await through()
    client.say(query('BEGIN; SELECT pg_backend_pid()'))
    const row = (await client.until('Z')).find(({ type }) => type === 'D')
    const watcher = await direct()
    watcher.say(
      query(
        `SELECT pg_terminate_backend(${Buffer.from(row?.bytes.subarray(11) ?? []).toString()})`,
      ),
    )
    await watcher.until('Z')
    const last = (await client.until('none')).at(-1)
    expect(readFields(last?.bytes.subarray(5) ?? Buffer.of()).get('C')).toBe('57P01')
    watcher.socket.destroy()
    await gone(before)
  })
})

test('a slow reader of 50 MB keeps the gateway small', async () => {
  const client = await through()
  const before = process.memoryUsage().arrayBuffers
  client.socket.pause()
  client.say(query("SELECT repeat('x', 50000000)"))
  const watcher = await direct()
  // The server is held up in its writing once all buffers between are full.
  for (;;) {
    watcher.say(query("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'ClientWrite'"))
    const row = (await watcher.until('Z'))[1]
    if (
      Buffer.from(row?.bytes ?? [])
        .toString()
        .endsWith('1')
    )
      break
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8_000_000)
  client.socket.resume()
  let bytes = 0
  client.socket.removeAllListeners('data')
  client.socket.on('data', (chunk) => {
    bytes += chunk.length
    if (bytes > 50_000_000) client.socket.destroy()
  })
  await once(client.socket, 'close')
  expect(bytes).toBeGreaterThan(50_000_000)
  watcher.socket.destroy()
})
