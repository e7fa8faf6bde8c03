/** Writes the tar headers of an archive of our own, in the form that `physical-tar.ts` reads. */
import { FirebreakError } from '../base/error.ts'

export type Head =
  | { readonly kind: 'file'; readonly path: string; readonly size: number }
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly to: string }

export const tarBlock = 512
/** What eleven octal digits hold. */
const octalMost = 0o77777777777

export function tarHead(head: Head): Buffer {
  const bytes = Buffer.alloc(tarBlock)
  const text = (value: string, at: number, most: number): void => {
    if (Buffer.byteLength(value) > most)
      throw new FirebreakError('internal', `\`${head.path}\` is too long for an archive`)
    bytes.write(value, at, 'utf8')
  }
  const octal = (value: number, at: number, digits: number): void =>
    void bytes.write(value.toString(8).padStart(digits, '0'), at, 'latin1')
  const size = head.kind === 'file' ? head.size : 0
  text(head.kind === 'directory' ? `${head.path}/` : head.path, 0, 99)
  octal(head.kind === 'file' ? 0o600 : 0o700, 100, 7)
  octal(0, 108, 7)
  octal(0, 116, 7)
  if (size <= octalMost) octal(size, 124, 11)
  else {
    bytes[124] = 0x80
    bytes.writeUIntBE(size, 130, 6)
  }
  octal(0, 136, 11)
  bytes.write({ file: '0', directory: '5', link: '2' }[head.kind], 156, 'latin1')
  // Where a link led is in the manifest; whoever unpacks makes it anew.
  if (head.kind === 'link') text(head.to.slice(0, 99), 157, 100)
  bytes.write('ustar\x0000', 257, 'latin1')
  bytes.fill(32, 148, 156)
  octal(
    bytes.reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  )
  bytes[154] = 0
  return bytes
}

/** The zeros that fill the last block of a file. */
export function tarPadding(size: number): Uint8Array {
  return new Uint8Array((tarBlock - (size % tarBlock)) % tarBlock)
}

/** Behind it there is nothing more. */
export function tarEnd(): Uint8Array {
  return new Uint8Array(2 * tarBlock)
}
