/** Fields that minting and narrowing have alike. */
import type { JSX } from 'preact'

const hour = 3_600_000
export const times = [
  ['1 hour', hour],
  ['8 hours', 8 * hour],
  ['1 day', 24 * hour],
  ['7 days', 7 * 24 * hour],
] as const

export function Field({
  label,
  value,
  set,
  hint = '',
  optional = false,
}: {
  readonly label: string
  readonly value: string
  readonly set: (value: string) => void
  readonly hint?: string
  readonly optional?: boolean
}): JSX.Element {
  const id = idOf(label)
  return (
    <>
      <label for={id}>{label}</label>
      <input
        id={id}
        value={value}
        placeholder={hint}
        required={!optional}
        onInput={({ currentTarget }) => set(currentTarget.value)}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
      />
    </>
  )
}

/** A count of rows; none where nothing is said. */
export function Rows({
  label,
  value,
  set,
}: {
  readonly label: string
  readonly value: string
  readonly set: (value: string) => void
}): JSX.Element {
  const id = idOf(label)
  return (
    <>
      <label for={id}>{label}</label>
      <input
        id={id}
        value={value}
        type="number"
        min="0"
        max="999999999"
        onInput={({ currentTarget }) => set(currentTarget.value)}
      />
    </>
  )
}

function idOf(label: string): string {
  return `field-${label.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`
}
