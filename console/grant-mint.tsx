/** A new grant: for whom, for what, where and how long. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { minted as mintedShape } from './answers.ts'
import { Field } from './grant-fields.tsx'
import { caveatsOf, firstWish, WishFields } from './grant-wish.tsx'
import { Trouble } from './parts.tsx'
import { sitting } from './session.ts'
import { callSigned } from './sign.ts'
import { useWork } from './work.ts'

const hints = { operations: 'read customDomain*', environments: 'staging' }

export function Mint({ minted }: { readonly minted: (grant: string) => void }): JSX.Element {
  const [wish, setWish] = useState(firstWish)
  const [note, setNote] = useState('')
  const { isBusy, refusal, run } = useWork()
  const mint = (event: Event): void => {
    event.preventDefault()
    const who = sitting.value.kind === 'in' ? sitting.value.who.name : ''
    run(async () => {
      const { principal } = wish
      const caveats = caveatsOf(wish)
      const input = { principal, note, caveats }
      const seen = { what: ['mint', principal, caveats] }
      const given = await callSigned(
        { command: 'grant-mint', input, approver: who, seen },
        mintedShape,
      )
      minted(given.grant)
      setWish((now) => ({ ...now, principal: '' }))
    })
  }
  return (
    <section aria-labelledby="mint">
      <h2 id="mint">Mint</h2>
      <form onSubmit={mint} class="fields">
        <WishFields wish={wish} set={setWish} hints={hints} />
        <Field label="Note (optional)" value={note} set={setNote} optional />
        <button class="main" disabled={isBusy}>
          {isBusy ? 'Under way…' : 'Mint with your passkey'}
        </button>
      </form>
      <p class="quiet">
        Bound to a key that must sign each request:{' '}
        <code>firebreak grant mint --holder JWK-THUMBPRINT …</code>
      </p>
      <Trouble of={refusal} />
    </section>
  )
}
