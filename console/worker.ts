/** The page's worker: shows what is pushed, and opens the page where that leads. It answers nothing and approves nothing. */
import { noticeIn, placeFor } from './pushed.ts'

interface Waiting {
  readonly waitUntil: (work: Promise<unknown>) => void
}

/** As much of a service worker's scope as is used here (W3C Service Workers, §4): its types and a page's cannot be loaded together. */
declare const self: {
  readonly location: Location
  readonly registration: ServiceWorkerRegistration
  readonly clients: {
    matchAll(which: {
      readonly type: 'window'
    }): Promise<readonly { navigate(url: string): Promise<unknown>; focus(): Promise<unknown> }[]>
    openWindow(url: string): Promise<unknown>
  }
  addEventListener(
    type: 'push',
    heard: (event: Waiting & { readonly data: { text(): string } | null }) => void,
  ): void
  addEventListener(
    type: 'notificationclick',
    heard: (event: Waiting & { readonly notification: Notification }) => void,
  ): void
}

self.addEventListener('push', (event) => {
  const told = noticeIn(event.data?.text() ?? '')
  const { title, body, tag, url } = told
  event.waitUntil(self.registration.showNotification(title, { body, tag, data: url }))
})

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const place = placeFor(event.notification.data, self.location.origin)
  event.waitUntil(
    self.clients.matchAll({ type: 'window' }).then(async ([open]) => {
      if (open === undefined) return await self.clients.openWindow(place)
      await open.navigate(place)
      return await open.focus()
    }),
  )
})
