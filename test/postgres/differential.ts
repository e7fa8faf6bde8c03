/** The same messages sent direct and through a relay: every byte of every reply compared, but what differs between any two sessions. */
import { Session, columns, errorFields } from './differential-wire.ts'
import type { Frame, Login } from './differential-wire.ts'

/** One thing a client says, and how far it listens before it says the next. */
export interface Said {
  /** For a reader of the differences. */
  readonly name: string
  readonly bytes: Buffer
  /** Until so many ReadyForQuery (1 when absent), until a frame of one of these letters, so many frames, or not at all. */
  readonly until?:
    | { readonly ready: number }
    | { readonly types: string }
    | { readonly frames: number }
    | 'nothing'
  /** Written in pieces of so many bytes, so that a frame is cut anywhere. */
  readonly pieces?: number
  /** What differs between any two sessions in the rows of this answer: pids, times. Matches become `*` in both. */
  readonly masks?: readonly RegExp[]
}

export interface Comparison {
  /** In words, with the name of what was said; empty when both answered the same. */
  readonly differences: readonly string[]
  /** What was compared: a comparison of nothing proves nothing. */
  readonly frames: number
  readonly bytes: number
}

/**
 * Runs the script against both, each in one session of its own, and compares start-up and every answer. `between` makes the
 * tables again what they were.
 */
export async function differential(
  direct: Login,
  through: Login,
  script: readonly Said[],
  between: () => unknown = () => undefined,
): Promise<Comparison> {
  const left = await transcript(direct, script)
  await between()
  const right = await transcript(through, script)
  const differences: string[] = []
  let [frames, bytes] = [0, 0]
  for (const [at, { name, answer }] of left.entries()) {
    const other = right[at]?.answer ?? []
    for (let i = 0; i < Math.max(answer.length, other.length); i += 1) {
      const [a, b] = [answer[i], other[i]]
      frames += 1
      bytes += (a?.body.length ?? 0) + 5
      if (a === undefined || b === undefined || a.type !== b.type || !a.body.equals(b.body))
        differences.push(`${name}: frame ${i + 1}: direct ${show(a)}, through ${show(b)}`)
    }
  }
  return { differences, frames, bytes }
}

interface Part {
  readonly name: string
  readonly answer: readonly Frame[]
}

async function transcript(login: Login, script: readonly Said[]): Promise<readonly Part[]> {
  const { session, frames } = await Session.open(login)
  // How one proves who one is may differ: only that it was accepted is compared.
  const start = frames.filter(({ type, body }) => type !== 'R' || body.readInt32BE(0) === 0)
  const parts: Part[] = [{ name: 'start-up', answer: start.map((frame) => masked(frame, [])) }]
  for (const said of script) {
    await say(session, said)
    const answer = await listen(session, said.until ?? { ready: 1 })
    parts.push({ name: said.name, answer: answer.map((frame) => masked(frame, said.masks ?? [])) })
  }
  await session.end()
  return parts
}

async function say(session: Session, { bytes, pieces = bytes.length }: Said): Promise<void> {
  for (let at = 0; at < bytes.length; at += pieces) {
    session.write(bytes.subarray(at, at + pieces))
    // Each piece leaves on its own: the next turn of the loop has handed it to the kernel.
    if (pieces < bytes.length) await new Promise((resolve) => setImmediate(resolve))
  }
}

async function listen(
  session: Session,
  until: Exclude<Said['until'], undefined>,
): Promise<readonly Frame[]> {
  if (until === 'nothing') return []
  if ('types' in until) return await session.until(until.types)
  const answer: Frame[] = []
  let left = 'ready' in until ? until.ready : until.frames
  while (left > 0) {
    const frame = await session.next()
    if (frame === null) return answer
    answer.push(frame)
    if ('frames' in until || frame.type === 'Z') left -= 1
  }
  return answer
}

function masked({ type, body }: Frame, masks: readonly RegExp[]): Frame {
  // BackendKeyData is another's in each session; a notification begins with the sender's process id.
  if (type === 'K') return { type, body: Buffer.alloc(body.length) }
  if (type === 'A') return { type, body: Buffer.concat([Buffer.alloc(4), body.subarray(4)]) }
  if (masks.length === 0) return { type, body }
  // The length of a masked column may differ too, so such a row is compared by its text.
  const text = type === 'D' ? columns(body).join('|') : body.toString('latin1')
  const so = masks.reduce((masked, mask) => masked.replaceAll(mask, '*'), text)
  return { type, body: Buffer.from(so, 'latin1') }
}

function show(frame: Frame | undefined): string {
  if (frame === undefined) return 'nothing'
  const { type, body } = frame
  const words = type === 'E' || type === 'N' ? [...errorFields(body).values()].join(' ') : ''
  return `${type} ${words === '' ? JSON.stringify(body.toString('latin1').slice(0, 120)) : words}`
}
