/** `notify` in `firebreak.yaml`: the ways to people. What is secret of them lies in custody, under a name. */
import * as v from 'valibot'
import { isSafe } from '../notices/slack.ts'
import { name } from './config-targets.ts'
import { parseDuration } from './duration.ts'

export const duration = v.pipe(
  v.string(),
  v.check(
    (text) => parseDuration(text) !== null,
    'is no duration; write `30s`, `15m`, `48h` or `7d`',
  ),
  v.transform((text) => parseDuration(text) ?? 0),
)

const url = v.pipe(
  v.string(),
  v.check(
    (text) => URL.canParse(text) && isSafe(new URL(text)),
    'must be https, or http to this machine, without a password in it',
  ),
)
const address = v.pipe(
  v.string(),
  v.regex(/^[^\s@<>,;:"\\()]{1,64}@[A-Za-z0-9.-]{1,253}$/, 'must be like `ops@example.com`'),
)
const host = v.pipe(v.string(), v.regex(/^[A-Za-z0-9.:-]{1,253}$/, 'is no host name'))
const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))
const here = ['127.0.0.1', '::1', 'localhost']

/** A `credential` is a name in custody; the channel's own where none is said. */
const channel = v.variant('kind', [
  v.strictObject({ kind: v.literal('webhook'), url, credential: v.optional(name) }),
  v.strictObject({ kind: v.literal('slack'), credential: v.optional(name) }),
  v.strictObject({
    kind: v.literal('ntfy'),
    url: v.pipe(
      url,
      v.regex(/\/[A-Za-z0-9_-]{1,64}$/, 'must end with the topic: `https://ntfy.sh/TOPIC`'),
    ),
    /** Only where the topic asks for a token. */
    credential: v.optional(name),
  }),
  /** The browsers of approvers who have asked for it at the console. */
  v.strictObject({
    kind: v.literal('push'),
    /** Whom a push service can write to: `mailto:` or the page. */
    contact: v.optional(
      v.pipe(
        v.string(),
        v.regex(/^(mailto:\S+@\S+|https:\/\/\S+)$/, 'must be `mailto:…` or `https://…`'),
      ),
    ),
    /** Hosts of the services that browsers may name; a `*.` stands for one part and more. */
    services: v.optional(
      v.array(v.pipe(v.string(), v.regex(/^(\*\.)?[a-z0-9.-]+(:\d{1,5})?$/, 'is no host'))),
      [
        'fcm.googleapis.com',
        'updates.push.services.mozilla.com',
        '*.push.apple.com',
        '*.notify.windows.com',
      ],
    ),
  }),
  v.pipe(
    v.strictObject({
      kind: v.literal('mail'),
      host,
      port: v.optional(port, 465),
      tls: v.optional(v.picklist(['at-once', 'starttls', 'off']), 'at-once'),
      from: address,
      to: v.pipe(v.array(address), v.minLength(1), v.maxLength(20)),
      /** Only where the server asks for one; its password is in custody. */
      user: v.optional(v.pipe(v.string(), v.nonEmpty('must not be empty'))),
      credential: v.optional(name),
    }),
    v.check(
      ({ tls, host }) => tls !== 'off' || here.includes(host),
      'has `tls: off`, which only a server on this machine may have',
    ),
  ),
])

const hour = v.pipe(
  v.string(),
  v.regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be like `22:00`, in quotes'),
  v.transform((text) => {
    const [hours = 0, minutes = 0] = text.split(':').map(Number)
    return hours * 60 + minutes
  }),
)

export const notify = v.pipe(
  v.strictObject({
    channels: v.record(name, channel),
    /** The channels that hear only of what nobody has looked at: one more each time so much has passed. */
    escalate: v.optional(
      v.strictObject({
        after: v.pipe(duration, v.minValue(1000, 'must be a second or more')),
        to: v.pipe(v.array(name), v.minLength(1)),
      }),
    ),
    /** What is no alarm, no halt and no hold waits for their end. */
    quiet: v.optional(
      v.strictObject({
        from: hour,
        to: hour,
        zone: v.optional(v.pipe(v.string(), v.check(isZone, 'is no time zone'))),
      }),
    ),
  }),
  v.check(
    ({ channels, escalate }) => (escalate?.to ?? []).every((to) => Object.hasOwn(channels, to)),
    'has a channel under `escalate.to` that is not under `channels`',
  ),
  v.check(({ channels, escalate }) => {
    const later = new Set(escalate?.to)
    return Object.keys(channels).some((each) => !later.has(each))
  }, 'has no channel that hears at once'),
)

export type Notify = v.InferOutput<typeof notify>
export type Entry = Notify['channels'][string]

/** The name in custody of what a channel needs; null where it asks for nothing. */
export function credentialOf(name: string, entry: Entry): string | null {
  if (entry.kind === 'push') return null
  if (entry.kind === 'ntfy') return entry.credential ?? null
  if (entry.kind === 'mail' && entry.user === undefined) return null
  return entry.credential ?? name
}

/**
 * INVARIANT (secret-stays): what is kept for a target, the vault or the console's sign-in goes to no channel. The first channel
 * that would send one of those names, or null.
 */
export function sharedBy(
  { channels }: Notify,
  taken: ReadonlySet<string>,
): { readonly channel: string; readonly credential: string } | null {
  for (const [channel, entry] of Object.entries(channels)) {
    const credential = credentialOf(channel, entry)
    if (credential !== null && taken.has(credential)) return { channel, credential }
  }
  return null
}

function isZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: text }).format(0) !== ''
  } catch {
    // The only thing that it throws is that there is none of that name.
    return false
  }
}
