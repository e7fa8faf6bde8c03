/** Recovery: how well each thing is kept, what points there are, whether anybody has tried them, and the way back. */
import type { JSX } from 'preact'
import { map as mapShape } from './answers-map.ts'
import { points as pointsShape, status as statusShape } from './answers-vault.ts'
import type { Listed, Point, Status } from './answers-vault.ts'
import { call } from './call.ts'
import { Empty, Said, Title, Trouble } from './parts.tsx'
import { DrillHistory } from './recovery-drills.tsx'
import { Timeline } from './recovery-line.tsx'
import { Findings, Place } from './recovery-place.tsx'
import { PointRow } from './recovery-point.tsx'
import { UnderWay } from './recovery-running.tsx'
import { Thing } from './recovery-thing.tsx'
import { count, sayTime } from './say.ts'
import { useReading } from './work.ts'

interface Found {
  readonly status: Status
  readonly listed: readonly Listed[]
  /** What a person calls a thing, by its key, where that is known. */
  readonly names: ReadonlyMap<string, string>
}

export function Recovery(): JSX.Element {
  const { found, refusal, again } = useReading(async (): Promise<Found> => {
    const [status, listed, { things }] = await Promise.all([
      call('vault-status', {}, statusShape),
      call('vault-list', {}, pointsShape),
      call('map', {}, mapShape),
    ])
    // What nobody has measured yet is called by its id alone.
    const called = things.filter(({ key, name }) => !key.endsWith(`/${name}`))
    const names = called.map(({ key, name, environment }) => {
      const where = environment === null ? '' : ` in ${environment}`
      return [key, `${name}${where}`] as const
    })
    return { status, listed, names: new Map(names) }
  })
  return (
    <main>
      <Title name="Recovery">Recovery</Title>
      <Trouble of={refusal} />
      <UnderWay over={again} />
      {found === null ? <p class="quiet">Asking…</p> : <Whole found={found} again={again} />}
    </main>
  )
}

function Whole({
  found: { status, listed, names },
  again,
}: {
  readonly found: Found
  readonly again: () => void
}): JSX.Element {
  const whole = listed.filter((one): one is Point => !('why' in one))
  const fates = new Map((status.room?.kept ?? []).map((one) => [one.id, sayFate(one)]))
  const broken = listed.filter((one) => 'why' in one)
  // Those without a copy first, then those with most against them.
  const kept = status.kept.toSorted(
    (a, b) => a.copies - b.copies || b.problems.length - a.problems.length,
  )
  return (
    <>
      {broken.map((one) => (
        <p key={one.id} class="box gone" role="note">
          <strong>
            <Said>{one.id}</Said> is damaged:
          </strong>{' '}
          <Said>{'why' in one ? one.why : ''}</Said>
        </p>
      ))}
      <section aria-labelledby="kept">
        <h2 id="kept">How each thing is kept</h2>
        {kept.length === 0 && (
          <Empty>
            <p>
              <strong>Nothing is kept yet.</strong> <code>firebreak protect URL</code> finds the
              best way for a database, takes a first recovery point and restores it once. Folders
              are named under <code>vault.sources</code>.
            </p>
          </Empty>
        )}
        <ul class="kept">
          {kept.map((one) => (
            <Thing key={one.of} kept={one} name={names.get(one.of) ?? null} again={again} />
          ))}
        </ul>
        <Findings of={status.findings} />
        <Place status={status} again={again} />
      </section>
      {whole.length > 0 && (
        <>
          <Timeline points={whole} />
          <DrillHistory last={Math.max(0, ...whole.map(({ drill }) => drill?.at ?? 0))} />
          <section aria-labelledby="points">
            <h2 id="points">Recovery points</h2>
            <ul class="plain">
              {whole
                .toSorted((a, b) => b.takenAt - a.takenAt)
                .slice(0, 100)
                .map((one) => (
                  <PointRow
                    key={one.id}
                    point={one}
                    fate={fates.get(one.id) ?? null}
                    again={again}
                  />
                ))}
            </ul>
            {whole.length > 100 && (
              <p class="quiet">
                and {count(whole.length - 100, 'point')} more: <code>firebreak vault list</code>
              </p>
            )}
          </section>
        </>
      )}
    </>
  )
}

function sayFate({ prunable, until, why }: NonNullable<Status['room']>['kept'][number]): string {
  if (prunable) return `may go: ${why}`
  return `kept${until === null ? '' : ` until ${sayTime(until)}`}: ${why}`
}
