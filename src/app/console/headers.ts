/** What every answer of the console says to the browser: nothing from elsewhere, nowhere else, in no frame, kept by no cache. */
import type { ConsoleSite } from '../site.ts'

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  // The one place where text may become a script's address is the page's own worker.
  "require-trusted-types-for 'script'",
  'trusted-types firebreak',
].join('; ')

const permissions = [
  'publickey-credentials-get=(self)',
  'publickey-credentials-create=(self)',
  ...['camera', 'geolocation', 'microphone', 'payment', 'usb', 'serial', 'hid'].map(
    (name) => `${name}=()`,
  ),
].join(', ')

/** The same for each answer, an error too. */
export function headersFor({ origin }: ConsoleSite): Readonly<Record<string, string>> {
  return {
    'content-security-policy': policy,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'permissions-policy': permissions,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cache-control': 'no-store',
    ...(origin.startsWith('https:') ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  }
}
