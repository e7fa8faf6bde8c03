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
import type { Arg } from './arg.ts'

export interface Taking {
  readonly run: (run: Run, scope: Scope) => void
  /** A variable is set, for this command or from here on. */
  readonly set?: (name: string, value: Arg, scope: Scope) => void
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
  /** What each command prints that goes on in a pipe or into a file; null where nobody asks. */
  #prints: Fed[] | null = null
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
      const from = next
      next = this.#saidBy(() => this.#node(one, from))
    }
  }

  /** What the next of a pipeline reads: all that is printed by what runs in it. */
  #saidBy(run: () => void): Fed {
    const before = this.#prints
    const all: Fed[] = []
    this.#prints = all
    run()
    this.#prints = before
    return together(all)
  }

  #list(commands: readonly Statement[], fed: Fed): void {
    for (const one of commands) this.statement(one, fed)
  }

  #node(node: CommandNode, fed: Fed): void {
    if (node.type === 'Command') this.#command(node, fed)
    else if (node.type === 'Function')
      this.#scope.functions.set(node.name.value, (args) => this.#called(node.body, args))
    else if (node.type === 'Coproc') this.#body(node.body, fed)
    else if (node.type === 'Redirected') this.#redirected(node, fed)
    else this.#compound(node, fed)
  }

  /** A function's body, with what it was given in the place of `$1`. */
  #called(body: CommandNode | CompoundList, args: readonly Arg[] | null): void {
    const before = this.#scope.listOf('@')
    this.#scope.setList('@', args)
    this.#body(body, nothingFed)
    this.#scope.setList('@', before)
  }

  #redirected(node: Extract<CommandNode, { type: 'Redirected' }>, fed: Fed): void {
    for (const one of node.redirects) this.#inside(one)
    const inner = this.#fedFrom(node.redirects, fed)
    const writes = node.redirects.flatMap((one) => this.#written(one))
    if (writes.length === 0) return this.#node(node.command, inner)
    const stdin = this.#saidBy(() => this.#node(node.command, inner))
    this.#taking.run({ argv: [], env: new Map(), stdin, writes }, this.#scope)
  }

  #compound(node: CompoundCommand, fed: Fed): void {
    if (node.type === 'For' || node.type === 'Select') this.#loop(node, fed)
    else if (node.type === 'TestCommand' || node.type === 'ArithmeticCommand') this.#inside(node)
    else {
      if (node.type === 'Case') this.#inside(node.word)
      const dir = this.#scope.valueOf('PWD')
      for (const each of node.type === 'While' ? linesOf(fed) : [fed]) this.#lists(node, each)
      // What a subshell goes into, it goes out of again.
      if (node.type === 'Subshell') this.#scope.set('PWD', dir)
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
    const given = node.wordlist === undefined ? (this.#scope.listOf('@') ?? []) : []
    const words = (node.wordlist ?? []).flatMap(
      (word) => (this.#inside(word), argsOf(word, this.#scope)),
    )
    const values = [...given, ...words]
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
    } else for (const [name, value] of run.env) this.#taking.set?.(name, value, this.#scope)
    this.#prints?.push(run.writes.length > 0 && isMain(node) ? nothingFed : said(run))
    this.#taking.run(run, this.#scope)
  }

  #assign(one: Assignment): void {
    const { name, value, append, index } = one
    const arg = this.#valueOf(value)
    this.#taking.set?.(name, arg, this.#scope)
    if (value.type === 'ArrayValue') {
      const before = append === true ? this.#scope.listOf(name) : []
      const list = value.elements.flatMap((word) => argsOf(word, this.#scope))
      return this.#scope.setList(name, before === null ? null : [...before, ...list])
    }
    if (index !== undefined && name === 'BASH_CMDS') this.#scope.aliases.set(index.text, arg.text)
    if (index !== undefined) return this.#scope.set(name, null)
    const before = append === true ? this.#scope.valueOf(name) : ''
    const isKnown = arg.isKnown && before !== null && !arg.isGlob
    this.#scope.set(name, isKnown ? `${before}${arg.text}` : null)
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

/** Whether it is what would be printed that goes into a file. */
function isMain({ redirects }: Command): boolean {
  return redirects.some(
    (one) =>
      one.type === 'Redirect' &&
      /^(>|>>|>\||&>|&>>)$/.test(one.operator) &&
      (one.descriptor === undefined ||
        (one.descriptor.type === 'FileDescriptor' && one.descriptor.value === 1)),
  )
}

/** Each line for a turn of a loop that reads them. */
function linesOf(fed: Fed): readonly Fed[] {
  if (fed.kind !== 'text') return [fed]
  const lines = fed.text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length === 0) return [fed]
  return lines.length > mostTurns
    ? [{ kind: 'unread', from: 'so many lines' }]
    : lines.map((text) => ({ kind: 'text', text }))
}

/** One after the other; unread where one of them is. */
function together(all: readonly Fed[]): Fed {
  const loud = all.filter(({ kind }) => kind !== 'none')
  const [only, ...more] = loud
  if (only === undefined || more.length === 0) return only ?? nothingFed
  const texts = loud.flatMap((one) => (one.kind === 'text' ? [one.text] : []))
  const text = texts.map((one) => one.replace(/\n?$/, '\n')).join('')
  return texts.length < loud.length
    ? { kind: 'unread', from: 'a group of commands', text }
    : { kind: 'text', text }
}

function told(arg: Arg): Fed {
  return { kind: 'text', text: arg.text }
}
