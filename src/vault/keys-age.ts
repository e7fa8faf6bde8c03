/** A key of the vault as an age file: whoever holds one of the identities opens it, with this or with any program that speaks age. */
import { FirebreakError, messageOf } from '../base/error.ts'

/** Throws `bad_config` for one that no key can be wrapped to; what is mistyped shows in its checksum. */
export async function checkRecipients(recipients: readonly string[]): Promise<void> {
  if (recipients.length > 0) await wrapKey(new Uint8Array(32), recipients)
}

/** An armored age file of 64 hex digits and a line end. */
export async function wrapKey(key: Uint8Array, recipients: readonly string[]): Promise<string> {
  // Loaded here: who names no recipients does not wait for it.
  const { Encrypter, armor } = await import('age-encryption')
  const encrypter = new Encrypter()
  for (const recipient of recipients)
    try {
      encrypter.addRecipient(recipient)
    } catch (cause) {
      throw new FirebreakError(
        'bad_config',
        `\`vault.recipients\`: \`${recipient}\` is no age recipient: ${messageOf(cause)}`,
        'copy the line that `age-keygen -y FILE` prints',
        cause,
      )
    }
  const text = `${Buffer.from(key).toString('hex')}\n`
  return `${armor.encode(await encrypter.encrypt(text)).trim()}\n`
}

/** The key; null where none of the identities opens it, or it holds none. */
export async function unwrapKey(
  age: string,
  identities: readonly string[],
): Promise<Uint8Array | null> {
  const { Decrypter, armor } = await import('age-encryption')
  const decrypter = new Decrypter()
  for (const identity of identities) decrypter.addIdentity(identity)
  try {
    const text = await decrypter.decrypt(armor.decode(age), 'text')
    return /^[0-9a-f]{64}\n$/.test(text) ? new Uint8Array(Buffer.from(text.trim(), 'hex')) : null
  } catch {
    // Not for these identities, or damaged: either way it opens nothing.
    return null
  }
}

/** The identities of a file as `age-keygen` writes it; throws `bad_input` where there is none. Never tells what it read. */
export async function readIdentities(text: string, where: string): Promise<readonly string[]> {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  const { Decrypter } = await import('age-encryption')
  try {
    const decrypter = new Decrypter()
    for (const line of lines) decrypter.addIdentity(line)
    if (lines.length > 0) return lines
  } catch {
    // What its line says may be a secret: it is told without it.
  }
  throw new FirebreakError(
    'bad_input',
    `the identity file \`${where}\` holds no age identity`,
    text.includes('AGE ENCRYPTED FILE') || text.startsWith('age-encryption.org/')
      ? 'it is under a passphrase: open it first, `age -d FILE > identity`'
      : 'it has a line `AGE-SECRET-KEY-…`, as `age-keygen` writes it',
  )
}
