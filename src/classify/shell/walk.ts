/** From a parsed text to its simple commands, in the order in which they could run: every branch is taken, every substitution is looked into. */
import { forEachChild } from 'unbash'
import type {
  Assignment,
  Command,
  CommandNode,
  CompoundCommand,
  CompoundList,
  ParsedScript,
  PipelineNode,
  Redirection,
  Statement,
  SyntaxNode,
} from 'unbash'
import { nothingFed } from './run.ts'
import type { Fed, Run } from './run.ts'
import { said } from './said.ts'
import type { Scope } from './scope.ts'
import { argsOf, textOf } from './words.ts'
import type { Arg } from './words.ts'

export interface Taking {
  readonly run: (run: Run, scope: Scope) => void
  /** The text cannot be read, or is too much: what is wrong, in a line. */
  readonly unread: (why: string) => void
}

/** A loop over this many known words is walked for each; beyond it the variable is unknown. */
const mostTurns = 12

export function walk(
  script: ParsedScript,
  scope: Scope,
  taking: Taking,
  fed: Fed = nothingFed,
): void {
  // A shell that waits for the end of a quote runs nothing of it; what stands before is in the tree.
  const flaw = (script.errors ?? []).find(
    ({ message }) => !/unterminated (single|double) quote/.test(message),
  )
  if (flaw !== undefined) taking.unread(`the shell’s text cannot be read: ${flaw.message}`)
  for (const statement of script.commands) new Walk(scope, taking).statement(statement, fed)
}

class Walk {
  readonly #scope: Scope
  readonly #taking: Taking
  constructor(scope: Scope, taking: Taking) {
    this.#scope = scope
    this.#taking = taking
  }

  statement({ command }: Statement, fed: Fed): void {
    if (!this.#scope.step()) return this.#taking.unread('the shell’s text does too much to be read')
    if (command.type === 'AndOr') for (const one of command.commands) this.#pipeline(one, fed)
    else this.#pipeline(command, fed)
  }

  #pipeline(node: PipelineNode, fed: Fed): void {
    if (node.type !== 'Pipeline') return this.#node(node, fed)
    let next = fed
    for (const one of node.commands) {
      this.#node(one, next)
      next = this.#fedBy(one, next)
    }
  }

  /** What the next of a pipeline reads. */
  #fedBy(node: CommandNode, fed: Fed): Fed {
    if (node.type !== 'Command') return { kind: 'unread', from: 'a group of commands' }
    return said(this.#runOf(node, fed))
  }

  #list(commands: readonly Statement[], fed: Fed): void {
    for (const one of commands) this.statement(one, fed)
  }

  #node(node: CommandNode, fed: Fed): void {
    if (node.type === 'Command') this.#command(node, fed)
    else if (node.type === 'Function')
      this.#scope.functions.set(node.name.value, () => this.#body(node.body, nothingFed))
    else if (node.type === 'Coproc') this.#body(node.body, fed)
    else if (node.type === 'Redirected') {
      for (const one of node.redirects) this.#inside(one)
      this.#node(node.command, this.#fedFrom(node.redirects, fed))
    } else this.#compound(node, fed)
  }

  #compound(node: CompoundCommand, fed: Fed): void {
    if (node.type === 'For' || node.type === 'Select') this.#loop(node, fed)
    else if (node.type === 'TestCommand' || node.type === 'ArithmeticCommand') this.#inside(node)
    else {
      if (node.type === 'Case') this.#inside(node.word)
      this.#lists(node, fed)
    }
  }

  #lists(node: Parameters<typeof listsIn>[0], fed: Fed): void {
    for (const one of listsIn(node)) this.#list(one.commands, fed)
  }

  /** A body that is a bare list occurs in what could not be read alone. */
  #body(node: CommandNode | CompoundList, fed: Fed): void {
    if (node.type === 'CompoundList') this.#list(node.commands, fed)
    else this.#node(node, fed)
  }

  #loop(node: Extract<CommandNode, { type: 'For' | 'Select' }>, fed: Fed): void {
    const values = (node.wordlist ?? []).flatMap(
      (word) => (this.#inside(word), argsOf(word, this.#scope)),
    )
    const isTold = values.length > 0 && values.length <= mostTurns
    const turns = isTold && values.every((one) => one.isKnown && !one.isGlob) ? values : [null]
    for (const one of turns) {
      this.#scope.set(node.name.value, one?.text ?? null)
      this.#list(node.body.commands, fed)
    }
  }

  #command(node: Command, fed: Fed): void {
    this.#inside(node)
    const run = this.#runOf(node, fed)
    if (run.argv.length === 0) {
      for (const one of node.prefix) if (one.type === 'Assignment') this.#assign(one)
      if (run.writes.length === 0) return
    }
    this.#taking.run(run, this.#scope)
  }

  #assign({ name, value, append }: Assignment): void {
    const arg = this.#valueOf(value)
    this.#scope.set(name, arg.isKnown && append !== true ? arg.text : null)
  }

  #valueOf(value: Assignment['value']): Arg {
    if (value.type === 'Word') return textOf(value.parts, value.value, this.#scope)
    return { text: '', isKnown: false, isGlob: false }
  }

  #runOf(node: Command, fed: Fed): Run {
    const scope = this.#scope
    const words = node.name === undefined ? [] : argsOf(node.name, scope)
    const rest = node.args.flatMap((one) =>
      one.type === 'Word'
        ? argsOf(one, scope)
        : [{ ...this.#valueOf(one.value), text: `${one.name}=${this.#valueOf(one.value).text}` }],
    )
    // `export A=b` sets it as `A=b` does.
    if (['export', 'declare', 'local', 'readonly', 'typeset'].includes(words[0]?.text ?? ''))
      for (const one of node.args) if (one.type === 'Assignment') this.#assign(one)
    const before = node.prefix.filter((one) => one.type === 'Assignment')
    return {
      argv: [...words, ...rest],
      env: new Map(before.map((one) => [one.name, this.#valueOf(one.value)])),
      stdin: this.#fedFrom(node.redirects, fed),
      writes: node.redirects.flatMap((one) => this.#written(one)),
    }
  }

  #written(one: Redirection): Run['writes'] {
    if (one.type !== 'Redirect' || one.target === undefined || !one.operator.includes('>'))
      return []
    const [to] = argsOf(one.target, this.#scope)
    // `2>&1` writes into no file of its own.
    if (to === undefined || /^(\d+|-)$/.test(to.text)) return []
    return [{ to, isOver: !one.operator.includes('>>') }]
  }

  #fedFrom(redirects: readonly Redirection[], fed: Fed): Fed {
    let found = fed
    for (const one of redirects) {
      if (one.type === 'HereDoc') found = told(textOf(one.body.parts, one.body.text, this.#scope))
      else if (one.type === 'HereString' && one.target !== undefined)
        found = told(textOf(one.target.parts, one.target.value, this.#scope))
      else if (one.type === 'Redirect' && one.operator === '<' && one.target !== undefined)
        found = { kind: 'unread', from: one.target.text }
    }
    return found
  }

  /** The commands in its substitutions run as well, before it. */
  #inside(node: SyntaxNode): void {
    forEachChild(node, (child) => {
      if (
        child.type === 'CommandExpansion' ||
        child.type === 'ProcessSubstitution' ||
        child.type === 'ArithmeticCommandExpansion'
      ) {
        if (child.script !== undefined) walk(child.script, this.#scope.inner(), this.#taking)
      } else if (child.type !== 'Statement' && child.type !== 'CompoundList') this.#inside(child)
    })
  }
}

/** Every branch: which is taken, nobody here knows. */
function listsIn(
  node: Extract<
    CommandNode,
    { type: 'Subshell' | 'BraceGroup' | 'If' | 'While' | 'ArithmeticFor' | 'Case' }
  >,
): readonly CompoundList[] {
  switch (node.type) {
    case 'If': {
      const others = node.elif.flatMap((one) => [one.clause, one.then])
      return [node.clause, node.then, ...others, ...(node.else === undefined ? [] : [node.else])]
    }
    case 'While':
      return [node.clause, node.body]
    case 'Case':
      return node.items.map(({ body }) => body)
    case 'Subshell':
    case 'BraceGroup':
    case 'ArithmeticFor':
      return [node.body]
  }
}

function told(arg: Arg): Fed {
  return { kind: 'text', text: arg.text }
}
