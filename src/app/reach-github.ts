/** A GitHub may be a company's own: what says so keeps its token from being asked about, or told as dead, elsewhere. */
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { isObject, objectOf, toJson } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import type { Finding } from '../scan/merged.ts'

const own = 'github.com'
/** As `gh` keeps it (cli/go-gh, pkg/config). */
const logins = '.config/gh/hosts.yml'

/** The other host that the person's own login names for this token; null for none. */
export function otherGithub({ found, places }: Finding): string | null {
  if (!places.some(({ source, at }) => source === 'home' && at.file === `~/${logins}`)) return null
  try {
    const file = objectOf(toJson(parse(readFileSync(join(homedir(), logins), 'utf8'))))
    const hosts = Object.entries(file).flatMap(([host, login]) =>
      holds(login, found.secret.reveal()) ? [host] : [],
    )
    return hosts.includes(own) ? null : (hosts[0] ?? null)
  } catch {
    // Gone since it was scanned, or no YAML: it says nothing.
    return null
  }
}

/** Under the host, or under one of its users. */
const holds = (value: Json, secret: string): boolean =>
  value === secret || (isObject(value) && Object.values(value).some((each) => holds(each, secret)))

/** It lies where tokens of any server do, under a name of another, or, as in an address, under none: that github.com refuses it says nothing. */
export const mayBeOther = ({ places }: Finding): boolean =>
  places.some(
    ({ at, name }) =>
      /(?:^|\/)(?:hosts\.yml|\.?git-credentials|[._]netrc|\.git\/config)$/.test(at.file) ||
      /enterprise|ghe(?:s|_|$)/i.test(name ?? '') ||
      !/git|gh_|token|auth/i.test(name ?? ''),
  )
