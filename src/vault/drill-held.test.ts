/** What is of the surroundings of a drill, and what speaks against the point. */
import { describe, expect, test } from 'vitest'
import { FirebreakError } from '../base/error.ts'
import { ready, refuse } from './drill-held.ts'

const folder = '/scratch'
const fault = (told: object): Error => Object.assign(new Error('as it was said'), told)
const because = (cause: unknown): FirebreakError =>
  new FirebreakError('wrong_state', 'the scratch server does not start', null, cause)

const surroundings: readonly (readonly [string, unknown])[] = [
  ['the disk is full', fault({ code: 'ENOSPC', syscall: 'write' })],
  ['the server says that its disk is full', fault({ code: '53100' })],
  ['the server has no memory', fault({ code: '53200' })],
  ['the server did not start for a full disk', because(fault({ code: 'ENOSPC' }))],
  ['the server did not start for want of memory', because(fault({ code: 'ENOMEM' }))],
  ['too many files are open', fault({ code: 'EMFILE', path: '/vault/objects/aa' })],
  ['the folder may not be written to', fault({ code: 'EACCES', path: '/scratch/copy-x' })],
  ['the folder has gone', fault({ code: 'ENOENT', path: '/scratch' })],
  ['the disk of the folder is broken', fault({ code: 'EIO', syscall: 'fsync' })],
  ['the server cannot be run', fault({ code: 'EACCES', syscall: 'spawn /usr/bin/postgres' })],
  ['the store is out of reach', new FirebreakError('not_reachable', 'the store does not answer')],
]
const damage: readonly (readonly [string, unknown])[] = [
  ['a piece of the store is broken', new FirebreakError('broken_store', 'a piece is damaged')],
  [
    'a disk of the store cannot be read',
    new FirebreakError('broken_store', 'unread', null, fault({ code: 'EIO', path: '/scratch/x' })),
  ],
  ['the spool has gone', fault({ code: 'ENOENT', path: '/vault/spool', syscall: 'scandir' })],
  ['a folder that only begins like it', fault({ code: 'ENOENT', path: '/scratches/x' })],
  ['the copy does not start', because(undefined)],
  ['a page is broken', fault({ code: 'XX001' })],
  ['the WAL ends too early', new FirebreakError('bad_input', 'later than the WAL that is known')],
]

describe('only damage un-verifies', () => {
  test.each(surroundings)('no drill was held: %s', (_, thrown) => {
    expect(() => refuse(thrown, folder)).toThrow(/^(no drill could be held|the store does not)/)
  })
  test.each(damage)('the drill failed: %s', (_, thrown) => {
    expect(refuse(thrown, folder)).toBe(undefined)
  })
  test('before the point is looked at, all is of the surroundings', async () => {
    for (const [, thrown] of [...surroundings, ...damage])
      await expect(ready(folder, () => Promise.reject(thrown))).rejects.toThrow(
        /^(no drill could be held|the store does not)[^\n]*$/,
      )
  })
})
