/** `firebreak vault prune`: the daemon says what may go and writes it down; this process takes exactly that away, as the store's owner. */
import { setTimeout as delay } from 'node:timers/promises'
import { readPrune } from '../app/retention-prune.ts'
import { FirebreakError } from '../base/error.ts'
import { isObject } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import { lockToPrune } from '../vault/prune-lock.ts'
import { prune } from '../vault/prune.ts'
import { exits } from './command.ts'
import type { Parsed } from './command.ts'
import { call, configOf, factor } from './daemon.ts'
import type { Io } from './io.ts'
import { cell, sayBytes } from './table.ts'

/** A segment of WAL is put in less; a backup is waited for by a person. */
const patienceMs = 20_000
const againMs = 200

export async function vaultPrune(parsed: Parsed, io: Io): Promise<number> {
  if (parsed.flag('dry-run')) {
    const told = await call(parsed, 'vault-prune-look', {})
    say(told, io)
    io.give(told)
    return exits.done
  }
  const place = configOf(parsed).vault?.store
  if (place === undefined) throw new FirebreakError('not_found', 'no vault is configured')
  // Before a code is asked for: without a daemon there is no list.
  say(await call(parsed, 'vault-prune-look', {}), io)
  const signed = await factor(parsed, io)
  const unlock = await locked(place)
  try {
    const given = await call(parsed, 'vault-prune', signed)
    const list = readPrune(given)
    await prune(list)
    io.say(
      `${list.points.length} manifests and ${list.objects.length} objects are gone, ${sayBytes(list.bytes)}`,
    )
    const { entry, receipt } = isObject(given) ? given : {}
    const points = list.points.map(({ id }) => id)
    const { objects, bytes } = list
    io.give({
      points,
      objects: objects.length,
      bytes,
      entry: entry ?? null,
      receipt: receipt ?? null,
    })
    return exits.done
  } finally {
    unlock()
  }
}

function say(told: Json, io: Io): void {
  const { points, objects, bytes, unread } = isObject(told) ? told : {}
  const ids = Array.isArray(points) ? points.map(cell) : []
  const wal = ids.filter((id) => id.startsWith('wal_')).length
  for (const id of ids) if (!id.startsWith('wal_')) io.say(`goes: ${id}`)
  io.say(
    `${ids.length - wal} points, ${wal} segments of WAL and ${cell(objects)} objects may go, ${sayBytes(bytes)}`,
  )
  for (const id of Array.isArray(unread) ? unread.map(cell) : [])
    io.say(`cannot be read: ${id}; what it needs is not known, so no object goes`)
}

async function locked(place: string): Promise<() => void> {
  for (let waited = 0; ; waited += againMs)
    try {
      return lockToPrune(place)
    } catch (thrown) {
      const isBusy = thrown instanceof FirebreakError && thrown.code === 'wrong_state'
      if (!isBusy || waited >= patienceMs) throw thrown
      await delay(againMs)
    }
}
