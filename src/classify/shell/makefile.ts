/** Recipes of `make` and `just`: what a target runs, with what it needs first. */

interface Target {
  readonly needs: readonly string[]
  readonly lines: readonly string[]
}

/** What a variable is where the file does not say. */
const usually: ReadonlyMap<string, string> = new Map([
  ['MAKE', 'make'],
  ['RM', 'rm -f'],
  ['SHELL', 'sh'],
  ['CURDIR', '.'],
])
/** Targets that one may need, one through another. */
const most = 200

/** The lines that run for these targets; for none given, of the first that is there. Null: it has no such target. */
export function recipeOf(text: string, wanted: string | null): string | null {
  const { targets, values } = read(text)
  const first = [...targets.keys()].find((name) => !name.startsWith('.'))
  const name = wanted ?? first
  if (name === undefined || !targets.has(name)) return null
  const lines: string[] = []
  const seen = new Set<string>()
  const queue = [name]
  while (queue.length > 0 && seen.size < most) {
    const one = queue.shift() ?? ''
    const target = seen.has(one) ? undefined : targets.get(one)
    seen.add(one)
    if (target === undefined) continue
    queue.push(...target.needs)
    lines.push(...target.lines.map((line) => filled(line, values)))
  }
  return lines.join('\n')
}

function read(text: string): {
  readonly targets: ReadonlyMap<string, Target>
  readonly values: ReadonlyMap<string, string>
} {
  const targets = new Map<string, Target>()
  const values = new Map<string, string>()
  let at: readonly string[] = []
  for (const line of text.replaceAll(/\\\n[ \t]*/g, ' ').split('\n')) {
    const recipe = /^[ \t]+(.*)$/.exec(line)?.[1]
    const [, name, value = ''] =
      /^(?:export\s+)?([\w.-]+)\s*(?::{0,3}|\?|\+)=\s*(.*)$/.exec(line) ?? []
    if (recipe !== undefined) add(targets, at, [], [recipe.replace(/^[@+-]+/, '')])
    else if (name !== undefined) values.set(name, value.replace(/^['"]|['"]$/g, ''))
    else at = headed(line, targets) ?? at
  }
  return { targets, values }
}

/** `a b: needs ; line`: from here on the lines are theirs; null where it is no such line. */
function headed(line: string, targets: Map<string, Target>): readonly string[] | null {
  const [, names, needs = ''] = /^([\w./%@ -]+?)\s*::?(?!=)(.*)$/.exec(line) ?? []
  if (names === undefined) return null
  const [own = '', inline] = needs.split(/;(.*)/s)
  const at = names.replace(/^@/, '').split(/\s+/).slice(0, 20)
  add(targets, at, own.split(/\s+/).filter(Boolean), inline === undefined ? [] : [inline])
  return at
}

function add(
  targets: Map<string, Target>,
  names: readonly string[],
  needs: readonly string[],
  lines: readonly string[],
): void {
  for (const name of names) {
    const before = targets.get(name) ?? { needs: [], lines: [] }
    targets.set(name, {
      needs: [...before.needs, ...needs],
      lines: [...before.lines, ...lines],
    })
  }
}

/** `$(X)`, `${X}`, `{{x}}` by what the file says of it; of what it does not, the bare name stands there. */
function filled(line: string, values: ReadonlyMap<string, string>, depth = 0): string {
  if (depth > 5 || line.length > 20_000) return line
  const next = line
    .replaceAll(/\$\(shell\s/g, '$$$$(')
    .replaceAll(
      /(?<!\$)\$[({](\w[\w.-]*)[)}]|\{\{\s*(\w[\w-]*)\s*\}\}/g,
      (_, name: string | undefined, other: string | undefined) => {
        const one = name ?? other ?? ''
        return values.get(one) ?? usually.get(one) ?? one
      },
    )
  return next === line || !/\$[({]|\{\{/.test(next)
    ? next.replaceAll('$$', '$').replaceAll(/\$[@<^*?]/g, 'target')
    : filled(next, values, depth + 1)
}
