/** The version of this package, read from its own `package.json`. */
import { existsSync, readFileSync } from 'node:fs'
import { isObject, parseJson } from '../base/json.ts'

/** `0.1.0`; the file lies two folders up in a checkout, three in the built package. */
export function version(): string {
  const places = ['../../package.json', '../../../package.json']
  const file = places.map((place) => new URL(place, import.meta.url)).find((url) => existsSync(url))
  const body = file === undefined ? null : parseJson(readFileSync(file, 'utf8'))
  const found = isObject(body) ? body['version'] : null
  return typeof found === 'string' ? found : 'unknown'
}
