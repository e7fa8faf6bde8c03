/** Inviting somebody, or another device of one's own: this page is the terminal that must have the number. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { invited as shape } from './answers-people.ts'
import { anything } from './answers.ts'
import { call } from './call.ts'
import { Field } from './grant-fields.tsx'
import { tell } from './notice.tsx'
import { Trouble } from './parts.tsx'
import { isAdmin, sitting } from './session.ts'
import { callSigned } from './sign.ts'
import { useWork } from './work.ts'

interface Open {
  readonly name: string
  readonly url: string
  readonly terminal: string
}

export function Invite({ done }: { readonly done: () => void }): JSX.Element {
  const me = sitting.value.kind === 'in' ? sitting.value.who : null
  const [name, setName] = useState(me?.name ?? '')
  const [role, setRole] = useState('approver')
  const [open, setOpen] = useState<Open | null>(null)
  const { isBusy, refusal, run } = useWork()
  const invite = (event: Event): void => {
    event.preventDefault()
    run(async () => {
      const asked = name === me?.name ? me.role : role
      const input = { name, role: asked }
      const wish = { command: 'approver-invite', input, approver: me?.name ?? '' }
      const made = await callSigned({ ...wish, seen: { what: ['invite', name, asked] } }, shape)
      setOpen({ name, url: made.url, terminal: made.terminal })
    })
  }
  return (
    <section aria-labelledby="invite">
      <h2 id="invite">Invite</h2>
      {open === null ? (
        <form onSubmit={invite} class="fields">
          <Field label="Name" value={name} set={setName} />
          {isAdmin() && name !== me?.name && (
            <>
              <label for="invite-role">As</label>
              <select
                id="invite-role"
                value={role}
                onChange={({ currentTarget }) => setRole(currentTarget.value)}
              >
                {['viewer', 'approver', 'admin'].map((one) => (
                  <option key={one}>{one}</option>
                ))}
              </select>
            </>
          )}
          <button class="main" disabled={isBusy}>
            {isBusy ? 'Under way…' : 'Invite with your passkey'}
          </button>
          {!isAdmin() && (
            <p class="quiet">Your own name: another device. Others, an admin invites.</p>
          )}
        </form>
      ) : (
        <Confirm
          open={open}
          done={() => {
            setOpen(null)
            done()
          }}
        />
      )}
      <Trouble of={refusal} />
    </section>
  )
}

/** Only the number of the very key that was made counts; a wrong one spends the invitation. */
function Confirm({ open, done }: { readonly open: Open; readonly done: () => void }): JSX.Element {
  const [number, setNumber] = useState('')
  const { isBusy, refusal, run } = useWork()
  const confirm = (event: Event): void => {
    event.preventDefault()
    run(async () => {
      await call('passkey-confirm', { terminal: open.terminal, number: number.trim() }, anything)
      tell(`${open.name} signs with that passkey from now on`)
      done()
    })
  }
  return (
    <form onSubmit={confirm} class="fields">
      <p>
        {open.name} opens this link on their own device, once, within 15 minutes, and reads you the
        number that it shows. If it says that the link was used, somebody else was there: type none.
      </p>
      <pre class="text" tabIndex={0} aria-label="The link">
        {open.url}
      </pre>
      <Field label="The number on their page" value={number} set={setNumber} />
      <p class="row">
        <button class="main" disabled={isBusy}>
          That is the number
        </button>
        <button type="button" onClick={done}>
          Leave it
        </button>
      </p>
      <Trouble of={refusal} />
    </form>
  )
}
