import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { distrust, mustTrust, openness, ownFolder, ownVault } from './folder.ts'
import type { Facts } from './folder.ts'

const dir = mkdtempSync(join(tmpdir(), 'firebreak-folder-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const facts = (kind: 'folder' | 'socket' | 'file', uid: number, mode: number): Facts => ({
  uid,
  mode,
  isDirectory: () => kind === 'folder',
  isSocket: () => kind === 'socket',
})

test.each<[string, Facts, string | null]>([
  ['its own', facts('folder', 7, 0o40700), null],
  ['one that others may list', facts('folder', 7, 0o40755), 'may be entered by others'],
  ['one that a group may write', facts('folder', 7, 0o40770), 'may be entered by others'],
  ['one that somebody else made', facts('folder', 8, 0o40700), 'belongs to another user'],
  ['a link', facts('file', 7, 0o120777), 'is a link or no folder'],
])('the state folder: %s', (_, found, why) => expect(openness(found, 7)).toBe(why))

test.each<[string, readonly [Facts, Facts], number, RegExp]>([
  ['its own', [facts('socket', 7, 0o600), facts('folder', 7, 0o700)], 7, /^trusted$/],
  ["another user's", [facts('socket', 8, 0o777), facts('folder', 8, 0o755)], 7, /another user/],
  ['a file', [facts('file', 7, 0o600), facts('folder', 7, 0o700)], 7, /is no socket/],
  ['in a shared folder', [facts('socket', 7, 0o600), facts('folder', 7, 0o777)], 7, /others may/],
  ["in another's", [facts('socket', 7, 0o600), facts('folder', 8, 0o755)], 7, /others may/],
  ["root, at a user's", [facts('socket', 8, 0o600), facts('folder', 8, 0o700)], 0, /^trusted$/],
])('a code or a credential, and the socket that is %s', (_, [socket, folder], uid, why) => {
  expect(distrust(socket, folder, uid) ?? 'trusted').toMatch(why)
})

test('a state folder that others may enter, or that is a link, refuses to start', () => {
  const open = join(dir, 'open')
  mkdirSync(open)
  chmodSync(open, 0o755)
  const refused = expect.objectContaining({ code: 'bad_config' })
  expect(() => ownFolder(open)).toThrow(refused)
  const own = join(dir, 'own')
  ownFolder(own)
  symlinkSync(own, join(dir, 'link'))
  expect(() => ownFolder(join(dir, 'link'))).toThrow(refused)
  expect(() => ownFolder(own)).not.toThrow()
})

test('a vault that others may write to keeps no way back, so it is none', () => {
  const store = join(dir, 'vault')
  ownVault(store)
  chmodSync(store, 0o755)
  expect(() => ownVault(store)).not.toThrow()
  chmodSync(store, 0o775)
  expect(() => ownVault(store)).toThrow(/may be written to by others/)
})

test('a socket in a folder that everyone may write to is not spoken to; one that is not there is left to the call', async () => {
  const shared = join(dir, 'shared')
  mkdirSync(shared)
  const file = join(shared, 'control.sock')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(file, resolve))
  chmodSync(shared, 0o777)
  expect(() => mustTrust(file)).toThrow(/nothing is sent to it/)
  chmodSync(shared, 0o700)
  expect(() => mustTrust(file)).not.toThrow()
  writeFileSync(join(shared, 'file.sock'), '')
  expect(() => mustTrust(join(shared, 'file.sock'))).toThrow(/is no socket/)
  expect(() => mustTrust(join(shared, 'none.sock'))).not.toThrow()
  await new Promise((resolve) => server.close(resolve))
})
