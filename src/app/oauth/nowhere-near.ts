/** Addresses of the public network, and no others: what a stranger names is not asked of this machine or of the network around it. */
import { lookup } from 'node:dns'
import { BlockList, isIP } from 'node:net'
import type { LookupFunction } from 'node:net'

/** By the registries of special addresses (RFC 6890) and of multicast. */
const near = {
  ipv4: [
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['224.0.0.0', 3],
  ],
  ipv6: [
    ['::', 96],
    ['::ffff:0:0', 96],
    ['64:ff9b::', 96],
    ['64:ff9b:1::', 48],
    ['2002::', 16],
    ['fc00::', 7],
    ['fe80::', 10],
    ['fec0::', 10],
    ['ff00::', 8],
  ],
} as const

/** Whether an address is one of the public network. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 0) return false
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  const list = new BlockList()
  for (const [from, bits] of near[family]) list.addSubnet(from, bits, family)
  return !list.check(address, family)
}

/** As `dns.lookup`; a name that leads anywhere near leads nowhere, and what was looked at is what is connected to. */
export const lookupPublic: LookupFunction = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, found) => {
    const [first] = found ?? []
    if (error !== null || first === undefined) done(error ?? new Error('no address'), '', 0)
    else if (!found.every(({ address }) => isPublic(address)))
      done(new Error(`\`${host}\` leads to no public address`), '', 0)
    else if (options.all === true) done(null, found)
    else done(null, first.address, first.family)
  })
}
