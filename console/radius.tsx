/** The picture of what goes: environment by environment, as wide as it is big, with what goes along and what would be left. */
import type { JSX } from 'preact'
import type { Detail, Thing } from './answers.ts'
import { Said } from './parts.tsx'
import { count, sayBytes } from './say.ts'

/** More of one sort are counted. */
const most = 12

export function Radius({ detail }: { readonly detail: Detail }): JSX.Element {
  const { resources, backups, left, unknown, rows, environments } = detail
  const biggest = Math.max(1, ...[...resources, ...backups].map(({ bytes }) => bytes ?? 0))
  return (
    <section aria-labelledby="goes" class="radius">
      <h2 id="goes">What goes</h2>
      {unknown.length > 0 && (
        <p class="box gone" role="note">
          <strong>Unknown.</strong> It may take everything:{' '}
          {unknown.map((why) => (
            <Said key={why}>{`${why}. `}</Said>
          ))}
        </p>
      )}
      <p class="sum">{sumOf(detail)}</p>
      {environmentsOf(resources, environments).map(({ name, things }) => (
        <Box
          key={name ?? ''}
          tone="gone"
          title={name ?? 'in no environment'}
          isName={name !== null}
        >
          <Things things={things} biggest={biggest} />
        </Box>
      ))}
      {rows !== null && rows > 0 && resources.length === 0 && (
        <Box tone="gone" title={count(rows, 'row')} isName={false} />
      )}
      <Box
        tone={backups.length === 0 ? 'none' : 'gone'}
        title={backups.length === 0 ? 'no backup goes with it' : 'with it, these ways back'}
        isName={false}
      >
        <Things things={backups} biggest={biggest} />
      </Box>
      <Box
        tone={left.length === 0 ? 'gone' : 'stays'}
        title={left.length === 0 ? 'no other way back that the platform knows' : 'would stay'}
        isName={false}
      >
        <Things things={left} biggest={biggest} />
      </Box>
    </section>
  )
}

function sumOf({ resources, backups, environments, rows }: Detail): string {
  const bytes = resources.reduce((sum, one) => sum + (one.bytes ?? 0), 0)
  return [
    count(resources.length, 'thing'),
    bytes === 0 ? '' : sayBytes(bytes),
    rows === null ? '' : count(rows, 'row'),
    environments.length === 0 ? '' : `in ${count(environments.length, 'environment')}`,
    count(backups.length, 'backup'),
  ]
    .filter((part) => part !== '')
    .join(' · ')
}

/** Things by where they are; an environment that is touched and names no thing stands there too. */
function environmentsOf(
  things: readonly Thing[],
  environments: readonly string[],
): readonly { readonly name: string | null; readonly things: readonly Thing[] }[] {
  const names = new Set<string | null>([
    ...things.map(({ environment }) => environment),
    ...environments,
  ])
  return [...names].map((name) => ({
    name,
    things: things.filter(({ environment }) => environment === name),
  }))
}

function Box({
  tone,
  title,
  isName,
  children,
}: {
  readonly tone: 'gone' | 'stays' | 'none'
  readonly title: string
  readonly isName: boolean
  readonly children?: JSX.Element
}): JSX.Element {
  return (
    <div class={`box ${tone}`}>
      <h3>
        {isName && <span class="quiet">environment </span>}
        <Said>{title}</Said>
      </h3>
      {children}
    </div>
  )
}

function Things({
  things,
  biggest,
}: {
  readonly things: readonly Thing[]
  readonly biggest: number
}): JSX.Element | null {
  if (things.length === 0) return null
  return (
    <ul class="things">
      {things.slice(0, most).map((one) => (
        <li key={`${one.type}/${one.id}`}>
          <span class="quiet">
            <Said>{one.type}</Said>
          </span>{' '}
          <strong>
            <Said>{one.name}</Said>
          </strong>{' '}
          <span class="quiet">
            <Said>{one.id}</Said>
            {one.bytes !== null && `, ${sayBytes(one.bytes)}`}
          </span>
          {one.bytes !== null && (
            <svg class="bar" viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true">
              <rect width={Math.max(1, (100 * one.bytes) / biggest)} height="2" />
            </svg>
          )}
        </li>
      ))}
      {things.length > most && (
        <li>
          <strong>and {things.length - most} more</strong>, in the text below
        </li>
      )}
    </ul>
  )
}
