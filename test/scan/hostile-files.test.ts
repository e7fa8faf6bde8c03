/** Texts, files and folders made so that a scan never ends: each ends in its time, and what was left is told. */
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isLate } from '../../src/scan/bounded.ts'
import { eye } from '../../src/scan/eye.ts'
import { openFileReader, usualBounds } from '../../src/scan/file.ts'
import { findUnder } from '../../src/scan/find.ts'
import type { FindOptions, Found, Unreadable } from '../../src/scan/find.ts'
import { openEye } from '../../src/scan/look.ts'
import { openObjects } from '../../src/scan/objects.ts'
import { rule } from '../../src/scan/rule.ts'
import { rules } from '../../src/scan/rules/all.ts'
import { alphanumeric, drawn, uuid } from './planted.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'firebreak-hostile-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const line = `RAILWAY_TOKEN=${uuid('hostile')}`
const said = (each: Found | Unreadable): string =>
  'unreadable' in each
    ? `${each.unreadable}: ${each.why}`
    : `${each.at.file}:${each.at.line}:${each.at.column} ${each.rule}`
async function told(options: Partial<FindOptions> = {}): Promise<readonly string[]> {
  const list: string[] = []
  for await (const each of findUnder(root, options)) list.push(said(each))
  return list
}

/** What repetitions of a pattern feed on, in the order in which they stand in it. */
const fodder = (pattern: RegExp): readonly string[] => [
  ...new Set(
    [...pattern.source.matchAll(/\[((?:\\.|[^\]\\])+)\]|\\([swd])/g)].flatMap(
      ([, members = '', escaped = '']) => {
        const one = new RegExp(members === '' ? `\\${escaped}` : `[${members}]`)
        const all = Array.from(`${alphanumeric} \t\n"'\`=:_-./+,~@%$&{}()[]<>|;*#!?\\`)
        const fits = all.filter((char) => one.test(char))
        return [fits[0] ?? '', fits.at(-1) ?? '', fits.slice(0, 40).join('')]
      },
    ),
  ),
]

/** A file's name for which the rule is. */
const fileFor = ({ files }: (typeof rules)[number]): string =>
  files === null
    ? 'a.txt'
    : ([
        'a.sh',
        'src/a.ts',
        '.env',
        '.mcp.json',
        'x.tfvars',
        '.zsh_history',
        '.npmrc',
        '.ssh/id_rsa',
        '.kube/config',
      ].find((name) => files.test(name)) ??
      files.source
        .replace(/^\(\?:\^\|\\?\/\)\(\?:/, '')
        .replace(/\)\$$/, '')
        .split('|')[0]
        ?.replaceAll(/\(\?:|\)\??|\[\^?\/?[^\]]*\](?:\{[\d,]+\}|\+)?/g, 'a')
        .replaceAll('\\', '') ??
      'a')

// Each took milliseconds when this was written; a rule that looks at a run of keywords anew for each took minutes.
const bombMs = 20_000
test.each([...rules.entries()].map(([rank, each]) => [`${each.id} ${rank}`, each] as const))(
  'no text slows %s down',
  (_, each) => {
    const only = openEye([each])
    const file = fileFor(each)
    const starts = each.keywords.length > 0 ? each.keywords : ['token', 'KEY', '--password', '']
    const feeds = ['', ...fodder(each.pattern)]
    const late = starts.slice(0, 3).flatMap((start) =>
      feeds.flatMap((feed) =>
        ['', '=', ' ', '"'].flatMap((end) => {
          const unit = `${start}${feed}${end}`
          const bombs = [unit, `${start}${feed.repeat(40)}${end}`].map((part) =>
            part.repeat(Math.ceil(12_000 / Math.max(1, part.length))),
          )
          const tail = `${start}=${`${feed}${end}`.repeat(12_000 / Math.max(1, unit.length))}`
          return isLate(() => {
            for (const bomb of [...bombs, tail]) only.look(Buffer.from(bomb), file)
          }, bombMs)
            ? [unit]
            : []
        }),
      ),
    )
    expect(late).toEqual([])
  },
)

const slow = rule('slow', 'nobody', [['bomb:'], /bomb:(?<secret>(?:a+)+)!/dy])
const careful = rule('careful', 'nobody', [['mark='], /mark=(?<secret>\w{20,40})/dy])
const bomb = `bomb:${'a'.repeat(200)}`

test('a rule that is slow by construction is ended: its file is told, and the next ones are read', () => {
  const mark = `mark=${drawn('mark', 30)}`
  writeFileSync(join(root, 'a'), mark)
  writeFileSync(join(root, 'b'), bomb)
  writeFileSync(join(root, 'c'), mark)
  writeFileSync(join(root, 'd'), `${mark}\n${'x '.repeat(700_000)}\n${bomb}`)
  writeFileSync(join(root, 'e'), mark)
  const reader = openFileReader(openEye([slow, careful]), { ...usualBounds, maxBlockMs: 300 })
  const outcomes = reader.read(
    ['a', 'b', 'c', 'd', 'e'].map((shown) => ({ path: join(root, shown), shown })),
  )
  expect(
    outcomes.map((each) => [
      each.kind,
      each.kind === 'binary' ? 0 : each.placed.length,
      each.kind === 'unreadable' ? each.why : '',
    ]),
  ).toEqual([
    ['read', 1, ''],
    ['unreadable', 0, 'it takes too long to look through: left after 0 bytes'],
    ['read', 1, ''],
    ['unreadable', 1, 'it takes too long to look through: left after 1048576 bytes'],
    ['read', 1, ''],
  ])
})

test('an object of the history that is slow by construction is ended, and the next ones are read', () => {
  const objects = openObjects(openEye([slow, careful]), 300)
  const mark = `mark=${drawn('mark', 30)}`
  const seen = objects.feed(
    Buffer.from(
      [mark, bomb, mark]
        .map((body, at) => `${`${at}`.repeat(40)} blob ${body.length} ${at}\n${body}\n`)
        .join(''),
    ),
  )
  expect(seen.map(({ path, isSlow, placed }) => [path, isSlow, placed.length])).toEqual([
    ['0', false, 1],
    ['1', true, 0],
    ['2', false, 1],
  ])
})

test('300 MB in one line: the first 256 are looked through, the rest is told', async () => {
  const part = Buffer.alloc(10_000_000, 'x token=a ')
  appendFileSync(join(root, 'line'), `${line} `)
  for (let at = 0; at < 30; at++) appendFileSync(join(root, 'line'), part)
  appendFileSync(join(root, 'line'), ` ${line}`)
  const all = await told()
  expect(all).toHaveLength(2)
  expect(all[0]).toBe('line:1:15 railway-token')
  expect(all[1]).toMatch(/^line: only its first 26\d{7} bytes were read$/)
})

test('a file without end and one full of holes cost what is read of them', async () => {
  writeFileSync(join(root, 'holes'), '')
  truncateSync(join(root, 'holes'), 2 ** 40)
  writeFileSync(join(root, 'late.env'), `${'x'.repeat(9000)}\0\n${line}`)
  expect(await told()).toEqual(['late.env:2:15 railway-token'])
})

test('names that are no text', async () => {
  const name = Buffer.concat([Buffer.from(`${root}/a\n\x1b[31m`), Buffer.from([0xff, 0xfe])])
  writeFileSync(name, line)
  writeFileSync(join(root, 'b\n.env'), line)
  const all = await told()
  expect(all.filter((each) => each.startsWith('b\n.env:1:15 railway-token'))).toHaveLength(1)
  // A name that is no UTF-8 cannot be opened under what it is read as.
  expect(all.filter((each) => each.startsWith('a\n'))).toHaveLength(1)
})

test('sockets, links to devices and a hundred links in circles are told or lead nowhere', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(join(root, 'socket'), resolve)
  })
  symlinkSync('/dev/zero', join(root, 'zero'))
  symlinkSync('/dev/stdin', join(root, 'stdin'))
  mkdirSync(join(root, 'a'))
  for (let at = 0; at < 100; at++) symlinkSync(at % 2 === 0 ? '..' : '.', join(root, `a/l${at}`))
  symlinkSync('y', join(root, 'x'))
  symlinkSync('x', join(root, 'y'))
  writeFileSync(join(root, 'z.env'), line)
  const all = await told()
  await new Promise((resolve) => {
    server.close(resolve)
  })
  expect(all.filter((each) => each.includes('railway-token'))).toEqual(['z.env:1:15 railway-token'])
  for (const name of ['socket', 'zero', 'x', 'y'])
    expect(all.filter((each) => each.startsWith(`${name}: `))).toHaveLength(1)
})

test('what PowerShell writes: UTF-16 with a mark or without one', async () => {
  const text = `A=b\r\n${line}\r\n`
  writeFileSync(join(root, 'marked.env'), Buffer.from(`\ufeff${text}`, 'utf16le'))
  writeFileSync(join(root, 'plain.env'), Buffer.from(text, 'utf16le'))
  writeFileSync(join(root, 'big.env'), Buffer.from(`\ufeff${text}`, 'utf16le').swap16())
  writeFileSync(join(root, 'bigger.env'), Buffer.from(text, 'utf16le').swap16())
  expect(await told()).toEqual([
    'big.env:2:15 railway-token',
    'bigger.env:2:15 railway-token',
    'marked.env:2:15 railway-token',
    'plain.env:2:15 railway-token',
  ])
})

test('what may not be read is told, by a user who may not read it', () => {
  mkdirSync(join(root, 'closed'))
  writeFileSync(join(root, 'closed/a.env'), line)
  writeFileSync(join(root, 'b.env'), line)
  writeFileSync(join(root, 'c.env'), line)
  chmodSync(join(root, 'closed'), 0)
  chmodSync(join(root, 'b.env'), 0)
  chmodSync(root, 0o755)
  const source = join(import.meta.dirname, '../../src/scan/find.ts')
  const script = `if (process.getuid() === 0) { process.setgid(65534); process.setuid(65534) }
    for await (const each of findUnder(process.argv[1]))
      process.stdout.write('unreadable' in each ? each.unreadable + ': ' + each.why + '\\n' : each.at.file + '\\n')`
  const out = execFileSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { findUnder } from ${JSON.stringify(source)}\n${script}`,
      root,
    ],
    { encoding: 'utf8' },
  )
  expect(out.trim().split('\n')).toEqual([
    'b.env: EACCES: permission denied',
    'c.env',
    'closed: EACCES: permission denied',
  ])
})

test('a folder that changes while it is read: what is gone is told, what is there is found', async () => {
  for (let at = 0; at < 400; at++) writeFileSync(join(root, `f${at}.env`), line)
  const all: string[] = []
  for await (const each of findUnder(root)) {
    if (all.length === 0)
      for (let at = 0; at < 400; at++) rmSync(join(root, `f${at}.env`), { force: true })
    all.push(said(each))
  }
  expect(all).toHaveLength(400)
  expect(all.some((each) => each.includes('ENOENT'))).toBe(true)
})

test('a file that shrinks or grows between its blocks ends', () => {
  const path = join(root, 'changing')
  writeFileSync(path, 'x '.repeat(2_000_000))
  const plain = eye()
  let looks = 0
  const reader = openFileReader(
    {
      placeOf: () => '',
      look: (bytes, file) => {
        looks += 1
        if (looks === 1) truncateSync(path, 10)
        return plain.look(bytes, file)
      },
    },
    usualBounds,
  )
  expect(reader.read([{ path, shown: 'changing' }])[0]).toMatchObject({ kind: 'read' })
  expect(looks).toBe(2)
})
