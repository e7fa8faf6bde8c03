import { expect, test } from 'vitest'
import type { Operation } from '../core/operation.ts'
import type { Principal } from '../core/principal.ts'
import type { Asked, Policy } from './ports.ts'
import { openReads } from './reads.ts'

const read: Operation = {
  name: 'SELECT',
  effect: 'read',
  kinds: [],
  parameters: { text: 'SELECT 1' },
  shown: {},
  selects: null,
  names: [],
  environments: [],
  findings: [],
  alternatives: [],
}
const principal: Principal = {
  name: 'agent:a',
  root: 'r',
  hops: ['r'],
  chain: [],
  mintedBy: 'ada',
  scope: {
    targets: null,
    operations: [],
    environments: [],
    resources: [],
    expiresAt: 1,
    rows: null,
  },
}
const asked: Asked = {
  principal,
  target: 'shop',
  platform: 'postgres',
  operations: [read],
  key: null,
  request: null,
  reason: null,
}
const action = { principal: 'agent:a', root: 'r', target: 'shop', operations: [read], key: null }
const known = { action, digest: 'd', findings: [] }
const policyNamed = (set: string): Policy => ({
  set,
  decide: () => {
    throw new Error('not asked')
  },
})

test('what was looked at is known for the very same question, and for no other', () => {
  let policy = policyNamed('one')
  const reads = openReads(() => policy)
  expect(reads.of(asked)).toBeNull()
  reads.keep(asked, known)
  expect(reads.of({ ...asked, reason: 'another word', operations: [read] })).toMatchObject(known)
  for (const other of [
    { ...asked, principal: { ...principal } },
    { ...asked, target: 'other' },
    { ...asked, key: 'again' },
    { ...asked, operations: [{ ...read }] },
    { ...asked, operations: [read, read] },
    { ...asked, operations: [] },
  ])
    expect(reads.of(other)).toBeNull()
  policy = policyNamed('two')
  expect(reads.of(asked)).toBeNull()
})

test('a write is never known', () => {
  const policy = policyNamed('one')
  const reads = openReads(() => policy)
  const write = { ...asked, operations: [{ ...read, effect: 'write' as const }] }
  reads.keep(write, known)
  expect(reads.of(write)).toBeNull()
})
