/** Fields that minting and narrowing have alike. */
import type { JSX } from 'preact'

const hour = 3_600_000
const times = [
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

/** How long it lasts; `whole`: what no end of its own is called, where there is such a choice. */
export function Time({
  label,
  value,
  set,
  whole = null,
}: {
  readonly label: string
  readonly value: number
  readonly set: (ms: number) => void
  readonly whole?: string | null
}): JSX.Element {
  const id = idOf(label)
  return (
    <>
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        onChange={({ currentTarget }) => set(Number(currentTarget.value))}
      >
        {whole !== null && <option value={0}>{whole}</option>}
        {times.map(([name, ms]) => (
          <option key={name} value={ms}>
            {name}
          </option>
        ))}
      </select>
    </>
  )
}

function idOf(label: string): string {
  return `field-${label.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`
}
