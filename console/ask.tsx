/** A client asks for a grant: who it says it is, for what, and where the answer goes; minted by a passkey, or refused. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { grantAsk, sentBack } from './answers-people.ts'
import type { GrantAsk } from './answers-people.ts'
import { call, Refusal } from './call.ts'
import { caveatsOf, firstWish, WishFields } from './grant-wish.tsx'
import { Said, Title, Trouble } from './parts.tsx'
import { mayAct, sitting } from './session.ts'
import { callSigned } from './sign.ts'
import { useReading, useWork } from './work.ts'

export function AskPage({ ask }: { readonly ask: string }): JSX.Element {
  const { found, refusal } = useReading(() => call('grant-ask', { ask }, grantAsk), ask)
  return (
    <main>
      <Title name="A client asks">A client asks for a grant</Title>
      <Trouble of={refusal} />
      {found !== null && <Asked ask={found.ask} found={found} />}
    </main>
  )
}

interface Shown {
  readonly ask: string
  readonly found: GrantAsk
}

function Asked({ ask, found }: Shown): JSX.Element {
  const { isBusy, refusal, run } = useWork()
  const refuse = (): void =>
    run(async () => {
      const { back } = await call('grant-ask-refuse', { ask }, sentBack)
      leave(back, found)
    })
  return (
    <>
      <p>
        <strong>Go on only if you have just begun this yourself</strong>, in a client of your own.
        Anybody can send you here.
      </p>
      <dl>
        <dt>It calls itself</dt>
        <dd>
          <Said>{found.name === '' ? 'nothing' : found.name}</Said>{' '}
          <span class="quiet">(which proves nothing)</span>
        </dd>
        {found.to.document !== null && (
          <>
            <dt>It is known by</dt>
            <dd>
              <Said>{found.to.document}</Said>, which names the address below as its own
            </dd>
          </>
        )}
        <dt>It wants to use</dt>
        <dd>
          <Said>{found.target}</Said>, at <Said>{found.to.resource}</Said>, and nothing else
        </dd>
        <dt>The grant goes to</dt>
        <dd>
          {whereOf(found)} <Said>{found.to.redirect}</Said>
        </dd>
      </dl>
      {mayAct() && <Mint ask={ask} found={found} />}
      <button disabled={isBusy} onClick={refuse}>
        Refuse
      </button>
      <Trouble of={refusal} />
    </>
  )
}

function Mint({ ask, found }: Shown): JSX.Element {
  const [wish, setWish] = useState(firstWish)
  const { isBusy, refusal, run } = useWork()
  const mint = (event: Event): void => {
    event.preventDefault()
    const approver = sitting.value.kind === 'in' ? sitting.value.who.name : ''
    run(async () => {
      const { principal, lists } = wish
      const caveats = caveatsOf({ ...wish, lists: { ...lists, targets: found.target } })
      const input = { principal, note: '', caveats, ask }
      const seen = { what: ['mint', principal, caveats, { ...found.to }] }
      const { back } = await callSigned({ command: 'grant-mint', input, approver, seen }, sentBack)
      leave(back, found)
    })
  }
  const known = found.environments.length === 0 ? '*' : found.environments.join(' ')
  const hints = { operations: 'read create_note', environments: known }
  return (
    <form onSubmit={mint} class="fields">
      <WishFields wish={wish} set={setWish} hints={hints} target={found.target} />
      <button class="main" disabled={isBusy}>
        {isBusy ? 'Under way…' : 'Mint with your passkey'}
      </button>
      <Trouble of={refusal} />
    </form>
  )
}

function whereOf({ to }: GrantAsk): string {
  const { protocol, hostname } = new URL(to.redirect)
  return protocol === 'http:' ? 'a program on the machine of this browser:' : `${hostname}:`
}

/** To the very place that was shown, and no other. */
function leave(back: string, { to }: GrantAsk): void {
  const [there, shown] = [new URL(back), new URL(to.redirect)]
  const isShown = there.origin === shown.origin && there.pathname === shown.pathname
  if (!isShown || !/^https?:$/.test(there.protocol))
    throw new Refusal('odd_answer', 'that leads to another place than was shown', 'sign nothing')
  location.assign(back)
}
