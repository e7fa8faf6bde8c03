/** Control commands of `firebreak init` and `uninstall`: all that a set-up needs under one signature, and what undoes it kept sealed. */
import * as v from 'valibot'
import { approvers } from '../../approvals/enrol.ts'
import { wordOf } from '../../approvals/factor.ts'
import { FirebreakError } from '../../base/error.ts'
import { canonical, digest, parseJson, toJson } from '../../base/json.ts'
import type { Json } from '../../base/json.ts'
import { keptCredentials } from '../../custody/custody.ts'
import type { Tx } from '../../guard/ports.ts'
import { acceptPower, powerState } from '../accepted.ts'
import type { Firebreak } from '../compose.ts'
import { by, command } from './command.ts'
import type { ControlCommand } from './command.ts'
import { keep, mint } from './minted.ts'
import { signed } from './signed.ts'

const text = v.pipe(v.string(), v.maxLength(4_000_000))
const files = v.pipe(
  v.array(v.strictObject({ path: text, before: v.nullable(text), after: text })),
  v.maxLength(500),
)
const rowId = 'setup'
const monthMs = 30 * 86_400_000

export type SetupFiles = v.InferOutput<typeof files>

export const setupCommands: Readonly<Record<string, ControlCommand>> = {
  /** What `firebreak init` knows before it asks for a code. */
  'setup-look': command(v.strictObject({ by }), async (firebreak) => {
    const { changes, odd, digest: power } = await powerState(firebreak)
    const { state } = firebreak
    const people = await state.transact(approvers)
    const kept = await state.transact(keptCredentials)
    const paths = (await state.transact((tx) => filesIn(firebreak, tx))).map(({ path }) => path)
    const told = { changes: [...changes], odd: [...odd], power }
    return { enrolled: people.length, kept: kept.map(({ id }) => id), paths, ...told }
  }),
  /** `power`: null where the config is accepted as it is. Gives the grant, and the files with it in them. */
  'setup-begin': signed(
    {
      power: v.nullable(v.string()),
      principal: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9:._-]{0,79}$/)),
      mark: v.pipe(v.string(), v.minLength(8)),
      secrets: v.record(v.string(), v.string()),
      files,
    },
    async (firebreak, { power, principal, secrets, files: changes }) => {
      const { digest: now, odd } = await powerState(firebreak)
      if (power !== null && power !== now)
        throw new FirebreakError('wrong_state', 'the config is not the one that was shown')
      for (const target of Object.keys(secrets))
        if (!Object.hasOwn(firebreak.config.targets, target))
          throw new FirebreakError('bad_input', `the config has no target \`${target}\``)
      const what = ['setup', power, principal, Object.keys(secrets).toSorted(), digest(changes)]
      return { sign: { what, role: 'admin' }, found: odd }
    },
    async (firebreak, input, { proven, found: odd }) => {
      const { power, principal, mark, secrets } = input
      if (power !== null) await acceptPower(firebreak, proven.approver.name, odd, wordOf(proven))
      for (const [target, secret] of Object.entries(secrets))
        await keep(firebreak, { target, secret, by: proven })
      const { grant } = await mint(firebreak, {
        principal,
        note: 'firebreak init',
        caveats: { operations: ['*'], environments: ['*'], expiresMs: monthMs },
        by: proven,
      })
      const made = input.files.map((each) => ({
        ...each,
        after: each.after.replaceAll(mark, grant),
      }))
      await firebreak.state.transact(async (tx) => {
        const before = await filesIn(firebreak, tx)
        await putFiles(firebreak, tx, joined(before, made))
      })
      return { grant, files: made }
    },
  ),
  /** The files as they were, raw credentials in them: what `firebreak uninstall` puts back. */
  'setup-files': signed(
    {},
    async () =>
      await Promise.resolve({ sign: { what: ['setup-files'], role: 'admin' }, found: null }),
    async (firebreak, _, { proven }) =>
      await firebreak.state.transact(async (tx) => {
        const all = await filesIn(firebreak, tx)
        const body = { what: 'given back', by: proven.approver.name, ...wordOf(proven) }
        const at = firebreak.clock.now()
        await firebreak.ledger.append(tx, [
          { kind: 'custody', at, subject: rowId, principal: null, body },
        ])
        return { files: toJson(all) }
      }),
  ),
}

/** A file that nobody has touched since its last writing is one step; else both are kept, so that what was put in between stays. */
function joined(before: SetupFiles, made: SetupFiles): SetupFiles {
  const all = [...before]
  for (const each of made) {
    const at = all.findLastIndex(({ path }) => path === each.path)
    const last = all[at]
    if (last !== undefined && last.after === each.before) all[at] = { ...last, after: each.after }
    else all.push(each)
  }
  return all
}

async function filesIn({ seal }: Firebreak, tx: Tx): Promise<SetupFiles> {
  const value: Json | undefined = (await tx.get('meta', rowId))?.value
  return typeof value === 'string' ? v.parse(files, parseJson(seal.open(value, rowId))) : []
}

async function putFiles({ seal }: Firebreak, tx: Tx, all: SetupFiles): Promise<void> {
  await tx.put('meta', { id: rowId, value: seal.seal(canonical(toJson(all)), rowId) })
}
