/** A machine that is a list of files, for the hosts' readers. */
import { basename, dirname } from 'node:path'
import type { Host, Place } from '../../src/app/hosts/host.ts'
import { hosts } from '../../src/app/hosts/known.ts'

export const checkout = '/srv/shop'
export const home = '/home/ada'
export const command = { argv: ['firebreak'] }

/** `links` lead from one path to another. */
export function placeOf(
  files: Readonly<Record<string, string>>,
  { links = {}, env = {} }: { links?: Record<string, string>; env?: Place['env'] } = {},
): Place {
  const real = (path: string): string => {
    const [from, to] =
      Object.entries(links).find(([from]) => `${path}/`.startsWith(`${from}/`)) ?? []
    return from === undefined ? path : `${to}${path.slice(from.length)}`
  }
  const paths = Object.keys(files)
  return {
    checkout,
    home,
    env,
    real,
    read: (path) => files[real(path)] ?? null,
    exists: (path) => paths.some((file) => `${file}/`.startsWith(`${real(path)}/`)),
    list: (folder) =>
      paths
        .filter((path) => dirname(path) === real(folder))
        .map((path) => basename(path))
        .toSorted(),
  }
}

export function hostOf(name: string): Host {
  const host = hosts.find((each) => each.name === name)
  if (host === undefined) throw new Error(`no ${name}`)
  return host
}
