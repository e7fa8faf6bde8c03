/** Control commands of `firebreak init` and `uninstall`: all that a set-up needs under one signature, and what undoes it kept sealed. */
import * as v from 'valibot'
import { approvers } from '../../approvals/enrol.ts'
import type { Proven } from '../../approvals/factor.ts'
import { wordStill } from '../../approvals/signers.ts'
import { FirebreakError } from '../../base/error.ts'
import { digest, toJson } from '../../base/json.ts'
import type { Json } from '../../base/json.ts'
import { keptCredentials } from '../../custody/custody.ts'
import { madeOf } from '../../custody/replaced.ts'
import { acceptPower, powerState } from '../accepted.ts'
import type { Firebreak } from '../compose.ts'
import { settledThen } from '../rotate/settling.ts'
import {
  filesOfSetup,
  putSetupFiles,
  setupFiles as files,
  setupRow as rowId,
} from '../setup/kept-files.ts'
import type { SetupFiles } from '../setup/kept-files.ts'
import { by, command } from './command.ts'
import type { ControlCommand } from './command.ts'
import { keep, mint } from './minted.ts'
import { waitToRotate } from './rotation.ts'
import { signed } from './signed.ts'

const monthMs = 30 * 86_400_000

export const setupCommands: Readonly<Record<string, ControlCommand>> = {
  /** What `firebreak init` knows before it asks for a code. */
  'setup-look': command(v.strictObject({ by }), async (firebreak) => {
    const { changes, odd, digest: power } = await powerState(firebreak)
    const { state } = firebreak
    const people = await state.transact(approvers)
    const kept = await state.transact(keptCredentials)
    const paths = (await state.transact((tx) => filesOfSetup(firebreak.seal, tx))).map(
      ({ path }) => path,
    )
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
      /** Targets of `secrets` whose credential is made new once the files are written. */
      rotate: v.optional(v.array(v.string()), []),
    },
    async (firebreak, { power, principal, secrets, files: changes, rotate }) => {
      const { digest: now, odd } = await powerState(firebreak)
      if (power !== null && power !== now)
        throw new FirebreakError('wrong_state', 'the config is not the one that was shown')
      for (const target of [...Object.keys(secrets), ...rotate])
        if (!Object.hasOwn(firebreak.config.targets, target))
          throw new FirebreakError('bad_input', `the config has no target \`${target}\``)
      const targets = Object.keys(secrets).toSorted()
      const what = ['setup', power, principal, targets, digest(changes), rotate.toSorted()]
      return { sign: { what, role: 'admin' }, found: odd }
    },
    async (firebreak, input, { proven, found: odd }) => {
      const { power, principal, mark, secrets } = input
      if (power !== null) await acceptPower(firebreak, proven, odd)
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
        const before = await filesOfSetup(firebreak.seal, tx)
        await putSetupFiles(firebreak.seal, tx, joined(before, made))
        const { name } = proven.approver
        await waitToRotate(firebreak, tx, { targets: input.rotate, by: name })
      })
      return { grant, files: made }
    },
  ),
  /** The files as they were, raw credentials in them: what `firebreak uninstall` puts back. */
  'setup-files': signed(
    {},
    async () =>
      await Promise.resolve({
        sign: { what: ['setup-files'], role: 'admin' as const },
        found: null,
      }),
    async (firebreak, _, { proven }) =>
      await settledThen(firebreak, async () => await givenBack(firebreak, proven)),
  ),
}

/** INVARIANT (never-a-dead-one): which one opens is certain before any is handed out, and nobody without a code has anything settled. */
async function givenBack(firebreak: Firebreak, proven: Proven): Promise<Json> {
  return await firebreak.state.transact(async (tx) => {
    const all = await filesOfSetup(firebreak.seal, tx)
    const word = await wordStill(firebreak, tx, proven)
    const body = { what: 'given back', by: proven.approver.name, ...word }
    const at = firebreak.clock.now()
    await firebreak.ledger.append(tx, [
      { kind: 'custody', at, subject: rowId, principal: null, body },
    ])
    const made: Record<string, string> = {}
    for (const { id } of await keptCredentials(tx)) {
      const secret = await madeOf(firebreak.seal, tx, id)
      if (secret !== null) made[id] = secret.reveal()
    }
    return { files: toJson(all), made }
  })
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
