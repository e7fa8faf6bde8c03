/** Asks a rehearsal platform over HTTP, for tests: one question, and the answer with its status. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RailwayOptions, RehearsalRailway } from './railway/railway.ts'
import { kestrel, startKestrel } from './tenant.ts'

export interface Answered {
  readonly status: number
  readonly data: Readonly<Record<string, unknown>> | null
  readonly errors: readonly {
    readonly message: string
    readonly extensions: Readonly<Record<string, unknown>>
  }[]
}

/** Asks with the token that was made for domains, unless `headers` say otherwise. */
export async function ask(
  railway: RehearsalRailway,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = bearer(railway, kestrel.tokens.domains),
): Promise<Answered> {
  const response = await fetch(railway.graphql, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  })
  const body: Partial<Answered> = JSON.parse(await response.text())
  return { status: response.status, data: body.data ?? null, errors: body.errors ?? [] }
}

export function bearer(railway: RehearsalRailway, name: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${railway.token(name)}` }
}

/** Starts the tenant in a new folder, hands it to `use`, and clears both away. */
export async function withKestrel<T>(
  use: (railway: RehearsalRailway, dir: string) => Promise<T>,
  options: Omit<RailwayOptions, 'dir' | 'seed'> = {},
): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'rehearsal-'))
  const railway = await startKestrel({ dir, ...options })
  try {
    return await use(railway, dir)
  } finally {
    await railway.close()
    rmSync(dir, { recursive: true, force: true })
  }
}
