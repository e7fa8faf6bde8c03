/** The providers that can be asked: a new one is a file and a line here. */
import type { Credential, Provider } from './provider.ts'
import { railway } from './railway.ts'

export const providers: readonly Provider[] = [railway]

/** Null: nobody can be asked what this one can do. */
export function providerOf(name: string, credential: Credential): Provider | null {
  const found = providers.find((each) => each.name === name) ?? null
  return found === null || found.hosts(credential) === null ? null : found
}
