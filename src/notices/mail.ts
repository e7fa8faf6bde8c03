/** Mail by SMTP: plain text, over TLS that is verified, or to this machine alone. */
import { createTransport } from 'nodemailer'
import { messageOf } from '../base/error.ts'
import type { Secret } from '../base/secret.ts'
import type { Channel } from './channel.ts'
import { hushed } from './hush.ts'

const connectMs = 5000
const silentMs = 10_000

export interface MailPlace {
  readonly host: string
  readonly port: number
  /** `off` only to this machine. */
  readonly tls: 'at-once' | 'starttls' | 'off'
  readonly from: string
  readonly to: readonly string[]
  /** Null where the server asks for none. */
  readonly login: { readonly user: string; readonly password: () => Promise<Secret> } | null
}

export function mail({ host, port, tls, from, to, login }: MailPlace): Channel {
  return {
    send: async ({ id, title, text }, signal) => {
      const auth =
        login === null ? null : { user: login.user, pass: (await login.password()).reveal() }
      const transport = createTransport({
        host,
        port,
        secure: tls === 'at-once',
        requireTLS: tls === 'starttls',
        ignoreTLS: tls === 'off',
        connectionTimeout: connectMs,
        greetingTimeout: connectMs,
        socketTimeout: silentMs,
        disableFileAccess: true,
        disableUrlAccess: true,
        ...(auth === null ? {} : { auth }),
      })
      const stop = (): void => transport.close()
      signal.addEventListener('abort', stop, { once: true })
      try {
        const { accepted, rejected } = await transport.sendMail({
          from,
          to: [...to],
          subject: `Firebreak: ${title}`,
          text,
          // By this a mail program knows a twin.
          messageId: `<${id}@firebreak>`,
          headers: { 'auto-submitted': 'auto-generated' },
        })
        const said = `taken for ${accepted.length} of ${to.length}`
        if (accepted.length === 0) return { kind: 'refused', said }
        if (rejected.length === 0) return { kind: 'taken', said }
        return { kind: 'partly', said: `${said}, not for ${rejected.map(addressOf).join(', ')}` }
      } catch (thrown) {
        // Nobody answered, or no: tried again like a refusal. A server may say back what it was told, also as it came (RFC 4616).
        const secrets = auth === null ? [] : [auth.pass, `\0${auth.user}\0${auth.pass}`]
        return { kind: 'refused', said: hushed(messageOf(thrown), secrets) }
      } finally {
        signal.removeEventListener('abort', stop)
        transport.close()
      }
    },
  }
}

function addressOf(one: string | { readonly address: string }): string {
  return typeof one === 'string' ? one : one.address
}
