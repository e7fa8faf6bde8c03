/** What a person fills in to mint, whoever has asked: for which agent, within which bounds, for how long. */
import type { JSX } from 'preact'
import { Field, Rows, Time } from './grant-fields.tsx'
import { listed, noLists } from './grant-words.ts'
import type { Lists } from './grant-words.ts'
import type { JsonObject } from './json.ts'

export interface Wish {
  readonly principal: string
  readonly lists: Lists
  readonly rows: string
  readonly expiresMs: number
}

/** Reading for a working day, until more is said. */
export const firstWish: Wish = {
  principal: '',
  lists: { ...noLists, operations: 'read' },
  rows: '',
  expiresMs: 8 * 3_600_000,
}

/** As the API takes them, and as they are signed. */
export function caveatsOf({ lists, rows, expiresMs }: Omit<Wish, 'principal'>): JsonObject {
  return {
    ...Object.fromEntries(listed(lists)),
    ...(rows === '' ? {} : { rows: Number(rows) }),
    expiresMs,
  }
}

const bounds = [
  ['operations', 'Operations'],
  ['environments', 'Environments'],
  ['targets', 'Targets (all where none is said)'],
  ['resources', 'Resources, as TYPE/ID (all where none is said)'],
] as const

/** `target`: it is for that one and no other, so none is asked for. */
export function WishFields({
  wish,
  set,
  hints,
  target = null,
}: {
  readonly wish: Wish
  readonly set: (wish: Wish) => void
  readonly hints: Readonly<Partial<Record<keyof Lists, string>>>
  readonly target?: string | null
}): JSX.Element {
  const { principal, lists, rows, expiresMs } = wish
  return (
    <>
      <Field
        label="For which agent"
        value={principal}
        set={(value) => set({ ...wish, principal: value })}
        hint="agent:cursor"
      />
      {bounds.map(
        ([word, label]) =>
          (word !== 'targets' || target === null) && (
            <Field
              key={word}
              label={label}
              value={lists[word]}
              set={(value) => set({ ...wish, lists: { ...lists, [word]: value } })}
              hint={hints[word] ?? ''}
              optional={word === 'targets' || word === 'resources'}
            />
          ),
      )}
      <Rows
        label="Most rows at once (optional)"
        value={rows}
        set={(value) => set({ ...wish, rows: value })}
      />
      <Time
        label="For how long"
        value={expiresMs}
        set={(value) => set({ ...wish, expiresMs: value })}
      />
    </>
  )
}
