/** The console: one page for the people who decide. */
import type { JSX } from 'preact'
import { render } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { AskPage } from './ask.tsx'
import { EntryPage } from './entry.tsx'
import { HaltButton, Halted } from './halt.tsx'
import { HoldPage } from './hold.tsx'
import { IncidentPage } from './incident.tsx'
import { Invited } from './invited.tsx'
import { keysOn, recallKeys, switchKeys, useKeys } from './keys.ts'
import { follow, holds, silentSince } from './live.ts'
import { recallLogin } from './logged-in.ts'
import { Notice, tell } from './notice.tsx'
import { Ago, Said } from './parts.tsx'
import { placeOf, places } from './places.tsx'
import { go, route, watchRoute } from './route.ts'
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
  const { View } = placeOf(at)
  return (
    <>
      <Head />
      <Silent />
      <Halted />
      <Notice />
      {at.kind === 'place' && <View />}
      {at.kind === 'hold' && <HoldPage id={at.id} />}
      {at.kind === 'incident' && <IncidentPage key={at.of} of={at.of} />}
      {at.kind === 'ask' && <AskPage key={at.ask} ask={at.ask} />}
      {at.kind === 'entry' && <EntryPage key={at.index} index={at.index} />}
    </>
  )
}

function Head(): JSX.Element {
  useKeys(Object.fromEntries(places.map(({ at, key }) => [key, () => go(`#/${at}`)])))
  const all = holds.value ?? []
  const many: Readonly<Record<string, number>> = {
    now: all.filter(({ state }) => state === 'open').length,
    later: all.filter(({ state }) => state === 'scheduled' || state === 'approved').length,
  }
  const who = sitting.value.kind === 'in' ? sitting.value.who : null
  const nav = useRef<HTMLElement>(null)
  // On a phone the row of views is wider than the screen.
  useEffect(() => {
    nav.current
      ?.querySelector('[aria-current]')
      ?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [route.value])
  return (
    <header>
      <strong class="mark">Firebreak</strong>
      <nav ref={nav} aria-label="Views">
        {places.map(({ at, name }) => (
          <a key={at} href={`#/${at}`} aria-current={isAt(at) ? 'page' : undefined}>
            {name} {(many[at] ?? 0) > 0 && <span class="many">{many[at]}</span>}
          </a>
        ))}
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

function isAt(at: string): boolean {
  return !['hold', 'ask'].includes(route.value.kind) && placeOf(route.value).at === at
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
  ...places.map(({ key, name }) => [key, name] as const),
  ['/', 'on Ledger: search'],
  ['j k', 'the next hold, the one before'],
  ['d', 'on a hold: deny it, at once'],
  ['h', 'Halt (asks once more)'],
  ['p', 'on Now: the list stands still, or goes on'],
  ['?', 'this'],
] as const

recallKeys()
recallLogin()
watchRoute()
void recall()
const place = document.querySelector('#app')
if (place !== null) {
  place.replaceChildren()
  render(<App />, place)
}
