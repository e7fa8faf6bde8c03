/** A pushed message, read as carefully as one from a stranger: pure. */

export interface Pushed {
  readonly title: string
  readonly body: string
  /** The same message twice is shown once. */
  readonly tag: string
  readonly url: string
}

/** What cannot be read is shown too, as something to look at. */
export function noticeIn(text: string): Pushed {
  const told = parsed(text)
  const field = (name: string, most: number): string => {
    const value = told[name]
    return typeof value === 'string' ? value.slice(0, most) : ''
  }
  return {
    title: field('title', 200) || 'Firebreak: something waits',
    body: field('body', 2000),
    tag: field('tag', 100),
    url: field('url', 500),
  }
}

/** A place of this page; whatever leads elsewhere leads to its first view. */
export function placeFor(url: unknown, origin: string): string {
  const start = `${origin}/`
  if (typeof url !== 'string' || !URL.canParse(url)) return start
  const { origin: its, pathname, hash } = new URL(url)
  return its === origin && pathname === '/' && /^#\/[\w/]*$/.test(hash) ? `${start}${hash}` : start
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
