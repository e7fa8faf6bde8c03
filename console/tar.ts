/** Texts as one archive (POSIX.1-2017, pax, ustar interchange format): pure. Paths are short and of ASCII: they are ours. */

import { join } from './bytes.ts'

const block = 512

export function tarOf(
  files: readonly { readonly path: string; readonly content: string }[],
  folder: string,
): Uint8Array<ArrayBuffer> {
  const parts = files.flatMap(({ path, content }) => {
    const body = new TextEncoder().encode(content)
    return [
      headOf(`${folder}/${path}`, body.length),
      body,
      new Uint8Array(-body.length & (block - 1)),
    ]
  })
  // Two empty blocks end it.
  return join([...parts, new Uint8Array(2 * block)])
}

function headOf(path: string, size: number): Uint8Array {
  const head = new Uint8Array(block)
  const put = (at: number, text: string): void => head.set(new TextEncoder().encode(text), at)
  put(0, path)
  put(100, '0000644\0')
  put(108, '0000000\0')
  put(116, '0000000\0')
  put(124, `${octal(size, 11)}\0`)
  put(136, `${octal(0, 11)}\0`)
  // The checksum counts its own field as blanks.
  put(148, '        ')
  put(156, '0')
  put(257, 'ustar\u000000')
  put(
    148,
    `${octal(
      head.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0 `,
  )
  return head
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0')
}
