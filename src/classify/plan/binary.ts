/**
 * Reads the file that `terraform plan -out=FILE` writes, without terraform: a ZIP with the plan in it as a message. The
 * numbers are those of hashicorp/terraform internal/plans/planproto/planfile.proto, format 3; OpenTofu's are the same.
 * What is not exactly that is not read, and so held.
 */
import { messageOf } from '../../base/error.ts'
import type { Change, PlanRead } from './change.ts'
import { droppedGuards } from './kinds.ts'
import { settingsIn } from './msgpack.ts'
import { allIn, bytesIn, fieldsIn, numberIn } from './proto.ts'
import { fileInZip } from './zip.ts'

const limits = { mostBytes: 64 * 1024 * 1024, mostFiles: 10_000 }
const format = 3
const mostChanges = 20_000

/** Never throws: why it cannot be read is said. */
export function readBinaryPlan(bytes: Uint8Array): PlanRead {
  try {
    const zip = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return { changes: changesIn(fileInZip(zip, 'tfplan', limits)) }
  } catch (thrown) {
    // Whatever it is, it is no plan that can be told.
    return { why: messageOf(thrown) }
  }
}

/** Fields of a `Plan`. */
const plan = { version: 1, changes: 3, errored: 20, invocations: 30 } as const
/** Of a `ResourceInstanceChange`. */
const change = { deposed: 7, change: 9, address: 13, earlier: [1, 2, 3, 4, 5, 6] } as const

function changesIn(bytes: Buffer): readonly Change[] {
  const fields = fieldsIn(bytes)
  const version = numberIn(fields, plan.version)
  if (version !== format) throw new Error(`its format is ${version}, and ${format} is known`)
  if (numberIn(fields, plan.errored) !== 0) throw new Error('the plan failed')
  // Newer than the rest: acts of a provider that change no resource, of which nothing is known.
  if (allIn(fields, plan.invocations).length > 0) throw new Error('it invokes actions')
  const all = allIn(fields, plan.changes)
  if (all.length > mostChanges) throw new Error('it has too many changes')
  return all.map(changeIn)
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function changeIn(bytes: Buffer): Change {
  const fields = fieldsIn(bytes)
  if (fields.some(({ number }) => change.earlier.some((each) => each === number)))
    throw new Error('a change is of an earlier format')
  const address = utf8.decode(bytesIn(fields, change.address) ?? Buffer.alloc(0))
  const inner = bytesIn(fields, change.change)
  if (address === '' || inner === null) throw new Error('a change has no address, or says nothing')
  const deposed = bytesIn(fields, change.deposed)
  const told = fieldsIn(inner)
  const acts = actsOf.get(numberIn(told, 1)) ?? ['unknown']
  return {
    address: deposed === null ? address : `${address} (deposed)`,
    type: typeIn(address),
    acts,
    dropped: acts.includes('update') ? droppedIn(allIn(told, 2)) : [],
  }
}

/** By the numbers of `Action`. */
const actsOf: ReadonlyMap<number, readonly string[]> = new Map([
  [0, ['no-op']],
  [1, ['create']],
  [2, ['read']],
  [3, ['update']],
  [5, ['delete']],
  [6, ['delete', 'create']],
  [7, ['create', 'delete']],
  [8, ['forget']],
  [9, ['create', 'forget']],
])

/** An update has two values, before and after, each in MessagePack. */
function droppedIn(values: readonly Buffer[]): readonly string[] {
  const [before, after, ...more] = values.map((value) => {
    const packed = bytesIn(fieldsIn(value), 1)
    const settings = packed === null ? null : settingsIn(packed)
    if (settings === null) throw new Error('a value is of a form that is not known')
    return Object.fromEntries(settings)
  })
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error('an update does not say what was and what will be')
  return droppedGuards(before, after)
}

/** `module.a["x.y"].aws_db_instance.main[0]` → `aws_db_instance`; empty where it has another form. */
function typeIn(address: string): string {
  const plain = address.replaceAll(/\["(?:[^"\\]|\\.)*"\]|\[\d+\]/g, '')
  const parts = plain.split('.')
  while (parts[0] === 'module') parts.splice(0, 2)
  if (parts[0] === 'data' || parts[0] === 'ephemeral') parts.shift()
  const [type = ''] = parts
  return parts.length === 2 && /^[\w-]+$/.test(type) ? type : ''
}
