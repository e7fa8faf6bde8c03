/** Graphs for pictures: the incident's, and one with more than a column has room for. */
import { graphOf } from '../../src/scan/radius.ts'
import type { Graph } from '../../src/scan/graph.ts'
import type { Held } from '../../src/scan/radius.ts'
import { toldOf } from '../../src/scan/reach/provider.ts'
import { silent } from '../../src/scan/reach/reach.ts'
import type { Copy, Power, Thing, Told } from '../../src/scan/reach/reach.ts'

const told = (more: Partial<Told>): Told => toldOf(more.account ?? null, 'the whole account', more)

export const thing = (id: string, type: string, environments: readonly string[]): Thing => ({
  id,
  type,
  name: id,
  environments,
  shared: null,
  holds: 'data',
})
const copy = (id: string, of: string, more: Partial<Copy>): Copy => ({
  id,
  type: 'backup',
  name: id,
  of,
  environment: null,
  lies: 'inside',
  isImmutable: false,
  isTested: false,
  ...more,
})
const power = (operation: string, does: Power['does'], on: Power['on']): Power => ({
  operation,
  does,
  on,
})

const shared = { id: 'volume', type: 'volume' }

/** As PRODUCT.md tells it: a token for domains, a volume that two environments share, three backups in it; and what a founder has besides. */
export const incident: readonly Held[] = [
  {
    finding: 'railway-token-1',
    provider: 'railway',
    label: 'railway token at scripts/domains.ts:3',
    place: 'scripts/domains.ts:3',
    reach: told({
      account: 'railway kestrel',
      isBlanket: true,
      powers: [
        power('volumeDelete', 'destroys', 'all'),
        power('volumeInstanceBackupDelete', 'destroys', 'all'),
        power('projectDelete', 'destroys', 'all'),
        power('variables', 'reads', 'all'),
        power('apiTokenCreate', 'mints', []),
      ],
      things: [
        { ...thing('shop-data', 'volumeInstance', ['production']), shared },
        { ...thing('shop-data-2', 'volumeInstance', ['staging']), name: 'shop-data', shared },
        { ...thing('web', 'service', ['production']), holds: 'rest' },
      ],
      copies: ['Mon', 'Tue', 'Wed'].map((id) =>
        copy(id, 'shop-data', { environment: 'production' }),
      ),
    }),
  },
  {
    finding: 'postgres-url-1',
    provider: 'postgres',
    label: 'postgres password at .env:2',
    place: '.env:2',
    reach: told({
      account: 'postgres db.example',
      powers: [power('DROP', 'destroys', ['ledger'])],
      things: [thing('ledger', 'database', [])],
      copies: [copy('V2', 'ledger', { lies: 'apart', isImmutable: true, isTested: true })],
    }),
  },
  {
    finding: 'github-token-1',
    provider: 'github',
    label: 'github token at ~/.config/gh/hosts.yml:4',
    place: '~/.config/gh/hosts.yml:4',
    reach: silent('api.github.com does not let it ask'),
  },
  {
    finding: 'stripe-key-1',
    provider: 'stripe',
    label: 'stripe key at .env:9',
    place: '.env:9',
    reach: { kind: 'dead', why: 'api.stripe.com refuses it' },
  },
]

export const incidentGraph: Graph = graphOf(incident)

/** So many of everything, and what others chose as names. */
export function crowdedGraph(many: number): Graph {
  const ids = Array.from({ length: many }, (_, at) => at)
  const names = ['<script>alert(1)</script>', '"&\'', '\u202egnp', '数据库'.repeat(9), '']
  return graphOf(
    ids.map((at): Held => {
      const name = names[at % names.length] ?? ''
      return {
        finding: `token-${at}`,
        provider: `p${at}`,
        label: `${name} token ${at}`,
        place: `${name}/${at}.env:1`,
        reach: told({
          account: `account ${at % 3}`,
          powers: [power(`${name} delete`, 'destroys', 'all')],
          things: [thing(`thing-${at}`, 'volume', [`${name} ${at}`])],
          copies: [copy(`copy-${at}`, `thing-${at}`, { lies: 'account' })],
        }),
      }
    }),
  )
}

/** One account with many things, and many credentials that may do everything in it. */
export const wideHeld = (many: number, things: number): readonly Held[] =>
  Array.from({ length: many }, (_, at): Held => {
    const ids = Array.from({ length: things }, (__, each) => each)
    return {
      finding: `token-${at}`,
      provider: 'acme',
      label: `token ${at}`,
      place: `${at}.env:1`,
      reach: told({
        account: 'acme one',
        powers: ['delete', 'wipe', 'drop', 'close'].map((act) => power(act, 'destroys', 'all')),
        things: ids.map((each) => thing(`thing-${each}`, 'volume', [`place ${each % 5}`])),
        copies: ids.map((each) => copy(`copy-${each}`, `thing-${each}`, { lies: 'account' })),
      }),
    }
  })
