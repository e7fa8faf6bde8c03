/** The books of a small car-rental shop, the same in every run: customers, vehicles, bookings and payments as files. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** How much of the shop is in a directory. */
export interface ShopRows {
  readonly bookings: number
  readonly vehicles: number
  readonly customers: number
  readonly payments: number
  /** Day of the newest booking, or null where there is none: how old a copy is in the shop's own terms. */
  readonly newest: string | null
}

export interface ShopSize {
  readonly customers: number
  readonly vehicles: number
  readonly bookings: number
}

const folder = 'pgdata/base/16384'
const day = 86_400_000

/**
 * Writes the shop as it was on `today`: bookings come in evenly over the 400 days before, so an older day gives a
 * prefix of a newer one.
 */
export function writeShop(dir: string, size: ShopSize, today: Date): void {
  const opened = Date.parse('2025-03-20T00:00:00Z')
  const step = (400 * day) / size.bookings
  const taken = Math.floor((today.getTime() - opened) / step)
  const count = Math.min(size.bookings, Math.max(0, taken))
  const bookings = range(count).map((index) => booking(index, size, opened + index * step))
  const paid = bookings.filter(({ id }) => pick(`paid/${id}`, 100) < 92)
  const path = join(dir, folder)
  mkdirSync(path, { recursive: true })
  writeFileSync(join(dir, 'pgdata/PG_VERSION'), '16\n')
  writeFileSync(join(path, 'customers.jsonl'), jsonl(range(size.customers).map(customer)))
  writeFileSync(join(path, 'vehicles.csv'), csv(range(size.vehicles).map(vehicle)))
  writeFileSync(join(path, 'bookings.csv'), csv(bookings))
  writeFileSync(join(path, 'payments.jsonl'), jsonl(paid.map(payment)))
}

/** Counts what is in a volume's (or a backup's) directory; a directory that is gone has none of anything. */
export function rows(dir: string): ShopRows {
  const lines = (name: string): readonly string[] => {
    const path = join(dir, folder, name)
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []
  }
  const table = (name: string): readonly string[] => lines(name).slice(1)
  const bookings = table('bookings.csv')
  return {
    bookings: bookings.length,
    vehicles: table('vehicles.csv').length,
    customers: lines('customers.jsonl').length,
    payments: lines('payments.jsonl').length,
    newest: bookings.at(-1)?.split(',')[1]?.slice(0, 10) ?? null,
  }
}

interface Booking {
  readonly id: string
  readonly booked_at: string
  readonly customer: string
  readonly vehicle: string
  readonly from: string
  readonly days: number
  readonly cents: number
}

function booking(index: number, size: ShopSize, at: number): Booking {
  const id = `B${(10_000 + index).toString()}`
  const days = 1 + pick(`days/${id}`, 9)
  return {
    id,
    booked_at: new Date(at).toISOString(),
    customer: `C${1_000 + pick(`customer/${id}`, size.customers)}`,
    vehicle: `V${100 + pick(`vehicle/${id}`, size.vehicles)}`,
    from: new Date(at + pick(`lead/${id}`, 30) * day).toISOString().slice(0, 10),
    days,
    cents: days * (3_900 + 500 * pick(`class/${id}`, 8)),
  }
}

function payment({ id, cents, booked_at }: Booking): object {
  const method = ['card', 'card', 'card', 'transfer'][pick(`method/${id}`, 4)]
  return { id: `P${id.slice(1)}`, booking: id, cents, currency: 'EUR', method, paid_at: booked_at }
}

const given = ['Ada', 'Bela', 'Chidi', 'Dunja', 'Emre', 'Fenna', 'Goran', 'Hana', 'Ines', 'Jonas']
const family = ['Abel', 'Brandt', 'Costa', 'Dorn', 'Eklund', 'Fiore', 'Grau', 'Horvat', 'Iversen']
const models = ['compact', 'estate', 'van', 'convertible', 'electric']

function customer(index: number): object {
  const id = `C${1_000 + index}`
  const name = `${given[pick(`given/${id}`, given.length)]} ${family[pick(`family/${id}`, family.length)]}`
  return {
    id,
    name,
    email: `${id.toLowerCase()}@customers.example`,
    licence: digest(id).slice(0, 9),
  }
}

function vehicle(index: number): Readonly<Record<string, string | number>> {
  const id = `V${100 + index}`
  return {
    id,
    plate: `KC-${digest(id).slice(0, 5).toUpperCase()}`,
    model: models[pick(`model/${id}`, models.length)] ?? 'compact',
    km: 1_000 * pick(`km/${id}`, 120),
  }
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index)
}

/** A number below `bound` that hangs on the name alone (FNV-1a, then mixed: fast, and spread well enough). */
function pick(name: string, bound: number): number {
  let hash = 0x811c9dc5
  for (const letter of name) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return ((hash ^ (hash >>> 13)) >>> 0) % bound
}

function digest(name: string): string {
  return createHash('sha256').update(name).digest('hex')
}

function jsonl(items: readonly object[]): string {
  return items.map((item) => `${JSON.stringify(item)}\n`).join('')
}

/** Values of the shop have no comma, quote or line end, so nothing needs quoting. */
function csv(items: readonly object[]): string {
  const [first] = items
  const head = first === undefined ? 'id,booked_at' : Object.keys(first).join(',')
  return [head, ...items.map((item) => Object.values(item).join(','))].join('\n').concat('\n')
}
