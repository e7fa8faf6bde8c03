/** Variables in a text of a host's file, in each of the forms that hosts have for them. */
import type { Place } from './host.ts'

/** `$NAME`, `${NAME}`, `${NAME:-else}`, `${env:NAME}` and `{env:NAME}`; what is not set is empty, or what is said for that. */
export function withEnv(text: string, env: Place['env']): string {
  return text.replaceAll(
    /\$?\{env:(\w+)\}|\$\{(\w+)(?::-([^}]*))?\}|\$(\w+)/g,
    (...found: readonly unknown[]) => {
      const [, ...parts] = found.map((part) => (typeof part === 'string' ? part : ''))
      const [first = '', second = '', otherwise = '', last = ''] = parts
      return env[first || second || last] ?? otherwise
    },
  )
}
