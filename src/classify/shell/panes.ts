/** Terminals within terminals: what is typed into them, and what they are told to run. */
import type { Operation } from '../../core/operation.ts'
import { argOf } from './arg.ts'
import type { Arg } from './arg.ts'
import { argvOf, flagsOf } from './argv.ts'
import type { Nested, Special } from './nested.ts'
import { nothingFed } from './run.ts'
import type { Scope } from './scope.ts'

const valued = flagsOf('-t -s -n -c -x -y -F -N -e -L -S -f')
const typed = /^(send-keys|send|set-buffer|setb|paste-buffer)$/
const runs =
  /^(new-session|new|new-window|neww|split-window|splitw|run-shell|run|respawn-pane|respawnp|respawn-window|respawnw|pipe-pane|pipep|display-popup|popup|if-shell|if|set-hook|bind-key|bind|confirm-before)$/

/** Its commands stand behind each other with `;` between. */
const tmux: Special = ({ argv }, scope, nested) => {
  const found: Operation[] = []
  let from = 1
  for (let at = 1; at <= argv.length; at += 1) {
    const text = argv[at]?.text
    if (text !== undefined && !/^\\?;$/.test(text)) continue
    found.push(...told(argv.slice(from, at), scope, nested))
    from = at + 1
  }
  return found
}

function told(words: readonly Arg[], scope: Scope, nested: Nested): readonly Operation[] {
  const at = words.findIndex(({ text }) => typed.test(text) || runs.test(text))
  const verb = words[at]?.text ?? ''
  if (at < 0) return []
  const rest = argvOf(words.slice(at + 1), valued)
  const all = [...rest.words, ...(rest.behind ?? [])]
  if (typed.test(verb)) return [keys(all, ''), keys(all, ' ')].flatMap((one) => read(one))
  // A command of its own may stand in one text: `if-shell true 'run-shell x'`.
  const own = all.flatMap(({ text }) =>
    runs.test(text.split(' ')[0] ?? '') ? nested.text(`tmux ${text}`, scope.inner()) : [],
  )
  return [...own, ...all.slice(0, 3).flatMap(read), ...read(keys(all, ' '))]

  function read(one: Arg): readonly Operation[] {
    return nested
      .text(one.text, scope.inner())
      .filter(({ effect }) => effect !== 'read' && effect !== 'write')
  }
}

/** Keys by their names are letters, too. */
function keys(all: readonly Arg[], between: string): Arg {
  const texts = all.map(({ text }) =>
    /^(Enter|C-m|C-j|KPEnter)$/.test(text) ? '\n' : text === 'Space' ? ' ' : text,
  )
  return argOf(texts.join(between))
}

/** `screen -X stuff 'x\n'`, `screen -dm x`. */
const screen: Special = ({ argv }, scope, nested) => {
  const args = argv.slice(1)
  const at = args.findIndex(({ text }) => text === '-X')
  const [verb, ...behind] = at < 0 ? [] : args.slice(at + 1)
  if (verb?.text === 'stuff')
    return nested.text(keys(behind, ' ').text.replaceAll(/\\n|\\015|\\r|\^M/g, '\n'), scope.inner())
  const from = argvOf(args, flagsOf('-S -c -e -h -p -s -t -T -D -r -x -dmS'), 1).words[0]
  const run = verb?.text === 'exec' ? behind : from === undefined ? [] : args.slice(from.at)
  return run.length === 0
    ? null
    : nested.run({ argv: run, env: new Map(), stdin: nothingFed, writes: [] }, scope)
}

/** `xdotool type x`, `zellij action write-chars x`: a hand at the keyboard. */
const types: Special = ({ argv }, scope, nested) => {
  const at = argv.findIndex(({ text }) => /^(type|write-chars|send-text)$/.test(text))
  if (at < 0) return null
  const { words, behind } = argvOf(argv.slice(at + 1), flagsOf('--delay --window --match -m'))
  return nested.text(keys([...words, ...(behind ?? [])], ' ').text, scope.inner())
}

export const panes: readonly (readonly [string, Special])[] = [
  ['tmux', tmux],
  ['screen', screen],
  ...['xdotool', 'ydotool', 'wtype', 'zellij', 'wezterm', 'kitty', 'kitten'].map(
    (name) => [name, types] as const,
  ),
]
