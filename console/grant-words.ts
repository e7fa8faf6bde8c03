/** What a person types to bind a grant: lists by blank space or commas, and the same as a command. */
const kinds = ['operations', 'environments', 'targets', 'resources'] as const
export type Lists = Readonly<Record<(typeof kinds)[number], string>>

export const noLists: Lists = { operations: '', environments: '', targets: '', resources: '' }

/** Those in which something is said. */
export function listed(lists: Lists): readonly (readonly [keyof Lists, readonly string[]])[] {
  return kinds
    .map((word) => [word, lists[word].split(/[\s,]+/).filter((one) => one !== '')] as const)
    .filter(([, names]) => names.length > 0)
}

/** The command that narrows alike, with each name as a shell takes it. */
export function commandOf(lists: Lists, hours: number, rows: string): string {
  const quoted = (text: string): string =>
    /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
  const options = [
    ...listed(lists).flatMap(([word, names]) =>
      names.map((name) => `--${word.slice(0, -1)} ${quoted(name)}`),
    ),
    ...(hours === 0 ? [] : [`--expires ${hours}h`]),
    ...(rows === '' ? [] : [`--rows ${rows}`]),
  ]
  return ['firebreak grant attenuate', ...options, '< grant'].join(' ')
}
