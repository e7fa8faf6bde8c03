/** What `uninstall` puts back where files were changed since: what is Firebreak's goes, and what is somebody's stays. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openPlace } from '../../src/app/hosts/place.ts'
import { backTo } from '../../src/app/setup/back.ts'

const dir = mkdtempSync(join(tmpdir(), 'firebreak-back-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const place = openPlace({ checkout: dir, home: dir, env: {} })

const how = { grants: /\bfbk_/, isShared: () => false }
const before = '# the shop\nDATABASE_URL=postgres://app:pw@db.io/shop\n'
const after = '# the shop\nDATABASE_URL=postgres://agent:fbk_abc@127.0.0.1:6432/shop\n'

test.each<[string, string, string | null, number]>([
  ['as it was written', after, before, 0],
  ['as it was before: nothing to do', before, null, 0],
  ['with lines of somebody around it', `NEW=1\n${after}LAST=2\n`, `NEW=1\n${before}LAST=2\n`, 0],
  [
    'with more behind ours',
    after.replace('/shop\n', '/shop?x=1\n'),
    before.replace('/shop\n', '/shop?x=1\n'),
    0,
  ],
  ['with our line changed', after.replace('agent:', 'someone:'), null, 1],
  ['with our line twice', `${after}${after}`, null, 1],
  ['with our line gone: its credential is nowhere else', '# the shop\nX=1\n', null, 1],
])('a file %s', (_, now, put, left) => {
  const path = join(dir, 'env')
  writeFileSync(path, now)
  const back = backTo({ place, files: [{ path, before, after }], ...how })
  expect(back.writes.map((each) => each.after)).toEqual(put === null ? [] : [put])
  expect(back.left).toHaveLength(left)
})

test('a file that is gone is told, and one that was made is taken away', () => {
  const [gone, made] = [join(dir, 'gone'), join(dir, 'made')]
  writeFileSync(made, 'ours')
  const files = [
    { path: gone, before, after },
    { path: made, before: null, after: 'ours' },
  ]
  const back = backTo({ place, files, ...how })
  expect(back.writes).toEqual([{ path: made, before: 'ours', after: null }])
  expect(back.left).toEqual([{ path: gone, why: 'it is not there any more', original: before }])
})
