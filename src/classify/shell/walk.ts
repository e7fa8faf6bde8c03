/** From a parsed text to its simple commands, in the order in which they could run: every branch is taken, every substitution is looked into. */
import { forEachChild } from 'unbash'
import type {
  Assignment,
  Command,
  CommandNode,
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
    switch (node.type) {
      case 'Command':
        return this.#command(node, fed)
      case 'Redirected':
        for (const one of node.redirects) this.#inside(one)
        return this.#node(node.command, this.#fedFrom(node.redirects, fed))
      case 'Subshell':
        return this.#list(node.body.commands, fed)
      case 'BraceGroup':
        return this.#list(node.body.commands, fed)
      case 'If':
        for (const one of [node.clause, node.then, ...node.elif.flatMap((e) => [e.clause, e.then])])
          this.#list(one.commands, fed)
        return this.#list(node.else?.commands ?? [], fed)
      case 'While':
        this.#list(node.clause.commands, fed)
        return this.#list(node.body.commands, fed)
      case 'For':
      case 'Select':
        return this.#loop(node, fed)
      case 'ArithmeticFor':
        return this.#list(node.body.commands, fed)
      case 'Case':
        this.#inside(node.word)
        for (const { body } of node.items) this.#list(body.commands, fed)
        return
      case 'Function': {
        const { body } = node
        const run = (): void => {
          if (body.type === 'CompoundList') this.#list(body.commands, nothingFed)
          else this.#node(body, nothingFed)
        }
        this.#scope.functions.set(node.name.value, run)
        return
      }
      case 'Coproc':
        if (node.body.type === 'CompoundList') return this.#list(node.body.commands, fed)
        return this.#node(node.body, fed)
      default:
        return this.#inside(node)
    }
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

function told(arg: Arg): Fed {
  return { kind: 'text', text: arg.text }
}
