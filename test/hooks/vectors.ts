/** The golden vectors: what each host sends, the calls that its canaries send among them, and what it gets back. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { harm, ordinary, samplesOf } from '../../src/app/hosts/samples.ts'

export interface Reply {
  readonly stdout: string
  readonly stderr: string
  readonly exit: number
}
interface Vectors {
  readonly replies: Readonly<Record<string, { readonly allow: Reply; readonly deny: Reply }>>
  readonly calls: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

const given: Vectors = JSON.parse(readFileSync(join(import.meta.dirname, 'vectors.json'), 'utf8'))

/** By what the sample is about, the cases are named as the others are. */
function sampled(host: string): Readonly<Record<string, unknown>> {
  const cwd = '/srv/shop'
  const cases = samplesOf(host).flatMap(({ event, payload, isRefused }) => [
    [`allowed: ${event}`, payload(ordinary(cwd))] as const,
    ...(isRefused ? [refusal(event, payload(harm(cwd)))] : []),
  ])
  return Object.fromEntries(cases)
}

/** What would write a file of Firebreak's own is denied; the rest waits for a person. */
function refusal(event: string, payload: unknown): readonly [string, unknown] {
  const isOwn = JSON.stringify(payload).includes('firebreak.yaml')
  return [`${isOwn ? 'denied' : 'held'}: ${event}`, payload]
}

export const vectors: Vectors = {
  replies: given.replies,
  calls: Object.fromEntries(
    Object.entries(given.calls).map(([host, calls]) => [host, { ...sampled(host), ...calls }]),
  ),
}

/** The first of a host's calls whose name begins so. */
export function callOf(host: string, name: string): unknown {
  const [, payload] =
    Object.entries(vectors.calls[host] ?? {}).find(([each]) => each.startsWith(name)) ?? []
  if (payload === undefined) throw new Error(`${host} has no ${name}`)
  return payload
}
