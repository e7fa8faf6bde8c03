/** Being told on this device while no page is open. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { anything, pushKey } from './answers.ts'
import { base64urlOf, bytesOf } from './bytes.ts'
import { call, Refusal } from './call.ts'
import { Trouble } from './parts.tsx'
import { useWork } from './work.ts'

declare global {
  // W3C Trusted Types, §4: not in every browser.
  var trustedTypes:
    | {
        createPolicy(
          name: string,
          rules: { readonly createScriptURL: (path: string) => string },
        ): { createScriptURL(path: string): string }
      }
    | undefined
}

/** The one text that may become a script's address here. */
const policy = globalThis.trustedTypes?.createPolicy('firebreak', {
  createScriptURL: (path) => {
    if (path !== '/worker.js') throw new TypeError('no such worker')
    return path
  },
})

/** Nothing where the config pushes to no browser, or this one cannot be pushed to. */
export function TellHere(): JSX.Element | null {
  const [key, setKey] = useState<string | null>(null)
  const [isOn, setOn] = useState(false)
  const { isBusy, refusal, run } = useWork()
  useEffect(() => {
    if (!('PushManager' in globalThis)) return
    run(async () => {
      setKey((await call('push-key', {}, pushKey)).key)
      setOn((await subscribed()) !== null)
    })
  }, [])
  if (key === null) return null
  const toggle = (): void =>
    run(async () => {
      await (isOn ? turnOff() : turnOn(key))
      setOn(!isOn)
    })
  return (
    <p class="row">
      <button aria-pressed={isOn} disabled={isBusy} onClick={toggle}>
        {isOn ? 'Told on this device' : 'Tell me on this device'}
      </button>
      <span class="quiet">
        what waits, and what goes; an answer is given here, never in the message
      </span>
      <Trouble of={refusal} />
    </p>
  )
}

async function turnOn(key: string): Promise<void> {
  if ((await Notification.requestPermission()) !== 'granted')
    throw new Refusal(
      'not_allowed',
      'this browser may not show notices of this page',
      'allow it in the browser’s settings for this page',
    )
  const worker = policy === undefined ? '/worker.js' : policy.createScriptURL('/worker.js')
  await navigator.serviceWorker.register(worker)
  const { pushManager } = await navigator.serviceWorker.ready
  const made = await pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: bytesOf(key),
  })
  const [p256dh, auth] = [made.getKey('p256dh'), made.getKey('auth')]
  if (p256dh === null || auth === null) throw new Refusal('odd_answer', 'the browser gave no keys')
  const keys = { p256dh: base64urlOf(p256dh), auth: base64urlOf(auth) }
  await call('push-subscribe', { endpoint: made.endpoint, ...keys }, anything)
}

async function turnOff(): Promise<void> {
  const made = await subscribed()
  if (made === null) return
  await call('push-unsubscribe', { endpoint: made.endpoint }, anything)
  await made.unsubscribe()
}

async function subscribed(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration()
  return (await registration?.pushManager.getSubscription()) ?? null
}
