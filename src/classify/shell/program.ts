/** One program with its words, judged: by a reader of its own where it has one, else by its table; what has neither is ordinary. */
import type { Operation } from '../../core/operation.ts'
import { argvOf } from './argv.ts'
import type { Argv } from './argv.ts'
import { plainName } from './code.ts'
import { fedTo, given } from './shells.ts'
import { special } from './special.ts'
import { operation, ordinary } from './operation.ts'
import type { Nested } from './nested.ts'
import type { Run } from './run.ts'
import type { Scope } from './scope.ts'
import { fits, isShown, isWord } from './tool.ts'
import type { Rule, Tool } from './tool.ts'
import { tools } from './tools/known.ts'
import { effects } from '../../core/effect.ts'

export function judgeProgram(
  program: string,
  run: Run,
  scope: Scope,
  reading: Nested,
): readonly Operation[] {
  const own = special.get(plainName(program))?.(run, scope, reading)
  if (own !== undefined && own !== null) return own
  const script = scriptAt(run, scope, reading)
  if (script !== null) return script
  const found = (tools.get(program) ?? []).flatMap((one) => byTable(program, run, one))
  return found.length > 0 ? found : [ordinary(program)]
}

/** `./deploy.sh`: a shell’s script by its path. */
function scriptAt(
  { argv: [first, ...args] }: Run,
  scope: Scope,
  nested: Nested,
): readonly Operation[] | null {
  if (first?.text.includes('/') !== true) return null
  const held = nested.file(first, scope)
  if (held.kind !== 'text') return fedTo(first.text, held, { scope, nested })
  const { text } = held
  const isShell =
    /^#!.*\b(?:ba|z|da|k|a)?sh\b/.test(text) ||
    (!text.startsWith('#!') && first.text.endsWith('.sh'))
  return isShell ? nested.text(text, given(scope, args)) : null
}

function byTable(program: string, { argv }: Run, one: Tool): readonly Operation[] {
  const told = argvOf(argv.slice(1), one.flags)
  if (isShown(one, told)) return []
  const [worst] = one.rules
    .filter((each) => fits(each, told))
    .toSorted((a, b) => effects.indexOf(b.effect) - effects.indexOf(a.effect))
  return worst === undefined ? [] : [operationOf(program, worst, { one, told })]
}

function operationOf(
  program: string,
  { words, effect, kinds, says }: Rule,
  { one, told }: { readonly one: Tool; readonly told: Argv },
): Operation {
  // As it was written: `kubectl delete pvc`, of all that the rule is about.
  const said = told.words.filter(({ text }) =>
    words.some((alternatives) => alternatives.some((each) => isWord(each, text.toLowerCase()))),
  )
  const name = [program, ...said.slice(0, words.length).map(({ text }) => text)].join(' ')
  const rule = effect === 'destroy' ? 'shell-destroys' : `shell-${effect}`
  return operation(name, { effect, kinds, rule, message: says, instead: one.instead })
}
