/** A text, or bytes, as a file of the person's own. */
export function save(name: string, content: string | Uint8Array<ArrayBuffer>): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([content]))
  link.download = name
  link.click()
  // The browser has begun to read it by then; kept, it would stay in memory as long as the page.
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
