/** The console: one page for the people who decide. */
import type { JSX } from 'preact'
import { render } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { EntryPage } from './entry.tsx'
import { HaltButton, Halted } from './halt.tsx'
import { HoldPage } from './hold.tsx'
import { IncidentPage } from './incident.tsx'
import { Invited } from './invited.tsx'
import { keysOn, recallKeys, switchKeys, useKeys } from './keys.ts'
import { Later } from './later.tsx'
import { Ledger } from './ledger.tsx'
import { follow, holds, silentSince } from './live.ts'
import { MapPage } from './map.tsx'
import { Notice, tell } from './notice.tsx'
import { Now } from './now.tsx'
import { Ago, Said } from './parts.tsx'
import { PolicyPage } from './policy.tsx'
import { go, route, watchRoute } from './route.ts'
import type { Route } from './route.ts'
import { recall, signOut, sitting } from './session.ts'
import { SignIn } from './sign-in.tsx'

function App(): JSX.Element {
  if (route.value.kind === 'invited') return <Invited token={route.value.token} />
  const who = sitting.value
  if (who.kind === 'unknown') return <p class="first">Firebreak</p>
  return who.kind === 'out' ? <SignIn trouble={who.trouble} /> : <Inside />
}

function Inside(): JSX.Element {
  useEffect(follow, [])
  useEffect(() => () => tell(null), [])
  const at = route.value
  return (
    <>
      <Head />
      <Silent />
      <Halted />
      <Notice />
      {at.kind === 'now' && <Now />}
      {at.kind === 'later' && <Later />}
      {at.kind === 'hold' && <HoldPage id={at.id} />}
      {at.kind === 'map' && <MapPage />}
      {at.kind === 'policy' && <PolicyPage />}
      {at.kind === 'incident' && <IncidentPage key={at.of} of={at.of} />}
      {at.kind === 'ledger' &&
        (at.index === null ? <Ledger /> : <EntryPage key={at.index} index={at.index} />)}
    </>
  )
}

function Head(): JSX.Element {
  useKeys({
    n: () => go('#/now'),
    l: () => go('#/later'),
    m: () => go('#/map'),
    y: () => go('#/policy'),
    e: () => go('#/ledger'),
    i: () => go('#/incident'),
  })
  const all = holds.value ?? []
  const waiting = all.filter(({ state }) => state === 'open').length
  const coming = all.filter(({ state }) => state === 'scheduled' || state === 'approved').length
  const who = sitting.value.kind === 'in' ? sitting.value.who : null
  return (
    <header>
      <strong class="mark">Firebreak</strong>
      <nav aria-label="Views">
        <Place to="#/now" name="Now" kind="now" many={waiting} />
        <Place to="#/later" name="Later" kind="later" many={coming} />
        <Place to="#/map" name="Map" kind="map" />
        <Place to="#/policy" name="Policy" kind="policy" />
        <Place to="#/ledger" name="Ledger" kind="ledger" />
        <Place to="#/incident" name="Incident" kind="incident" />
      </nav>
      <Help />
      {who !== null && (
        <span class="me">
          <Said>{who.name}</Said>{' '}
          <button class="small" onClick={() => void signOut()}>
            Sign out
          </button>
        </span>
      )}
      <HaltButton />
    </header>
  )
}

function Place({
  to,
  name,
  kind,
  many = 0,
}: {
  readonly to: string
  readonly name: string
  readonly kind: Route['kind']
  readonly many?: number
}): JSX.Element {
  return (
    <a href={to} aria-current={route.value.kind === kind ? 'page' : undefined}>
      {name} {many > 0 && <span class="many">{many}</span>}
    </a>
  )
}

/** A page that hears nothing says so: what it shows may be old. */
function Silent(): JSX.Element | null {
  if (silentSince.value === null) return null
  return (
    <p class="silent" role="alert">
      Nothing is heard from the daemon (since <Ago at={silentSince.value} />
      ): what stands here may be old.
    </p>
  )
}

function Help(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  const open = (): void => dialog.current?.showModal()
  useKeys({ '?': open })
  return (
    <>
      <button class="small" onClick={open}>
        Keys
      </button>
      <dialog ref={dialog} aria-labelledby="keys-title">
        <h2 id="keys-title">Keys</h2>
        <dl class="keys">
          {keys.map(([key, act]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{act}</dd>
            </div>
          ))}
        </dl>
        <p>No key approves.</p>
        <label>
          <input
            type="checkbox"
            checked={keysOn.value}
            onChange={({ currentTarget }) => switchKeys(currentTarget.checked)}
          />{' '}
          Keys work on this device
        </label>
        <form method="dialog">
          <button>Close</button>
        </form>
      </dialog>
    </>
  )
}

const keys = [
  ['n', 'Now'],
  ['l', 'Later'],
  ['m', 'Map: what each grant could reach'],
  ['y', 'Policy: the rules, and a text tried on them'],
  ['e', 'Ledger: every entry'],
  ['i', 'Incident: what happened, minute by minute'],
  ['/', 'on Ledger: search'],
  ['j k', 'the next hold, the one before'],
  ['d', 'on a hold: deny it, at once'],
  ['h', 'Halt (asks once more)'],
  ['p', 'on Now: the list stands still, or goes on'],
  ['?', 'this'],
] as const

recallKeys()
watchRoute()
void recall()
const place = document.querySelector('#app')
if (place !== null) {
  place.replaceChildren()
  render(<App />, place)
}
