/** Platforms whose tokens do not tell whether they may write: Hetzner and DigitalOcean. Reads show what is there; the rest counts as all. */
import { objectOf } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import { byAddress, byWord } from './pages.ts'
import { accountOf, refusal, toldOf, wordOf } from './provider.ts'
import type { Provider } from './provider.ts'
import type { Copy, Power } from './reach.ts'
import { bearer, copyOf, openRest, thingOf } from './rest.ts'

const writes = 'whether it may write: the platform does not say so to a read'
const hetznerPages = byWord('page', 'meta', 'pagination', 'next_page')
const oceanPages = byAddress('links', 'pages', 'next')
const deleting: Power = { operation: 'DELETE', does: 'destroys', on: 'all' }

/**
 * A Hetzner token is of one project, for reads or for all (https://docs.hetzner.com/cloud/api/getting-started/generating-api-token/).
 * Forms after the platform's own `hcloud-go` (schema/image.go, November 2026): `bound_to` is a server's id, `meta.pagination` pages.
 */
export const hetzner: Provider = {
  name: 'hetzner',
  hosts: () => ['api.hetzner.cloud'],
  asks: 'servers, volumes, snapshots and backups of its project',
  reach: async ({ secret }, ask) => {
    const rest = openRest(ask, 'api.hetzner.cloud', bearer(secret))
    const first = await rest.get('/v1/servers?per_page=50')
    if (first.status !== 200) return refusal(first, rest.host)
    const servers = await rest.list('/v1/servers?per_page=50', 'servers', hetznerPages)
    const volumes = await rest.list('/v1/volumes?per_page=50', 'volumes', hetznerPages)
    const images = await rest.list(
      '/v1/images?type=backup&type=snapshot&per_page=50',
      'images',
      hetznerPages,
    )
    // A project tells no id of its own: what two tokens share is told by the servers' ids.
    return toldOf(null, 'one project', {
      unknown: [writes, ...rest.unknown],
      powers: [deleting, { operation: 'GET', does: 'reads', on: 'all' }],
      things: [
        ...servers.map((each) => thingOf('server', 'data', each)),
        ...volumes.map((each) => thingOf('volume', 'data', each)),
      ],
      copies: images.map(imageOf),
    })
  },
}

/** A backup is bound to its server, and goes with it; a snapshot stays. */
function imageOf(image: JsonObject): Copy {
  const isBackup = image['type'] === 'backup'
  const of = isBackup ? wordOf(image['bound_to']) : wordOf(objectOf(image['created_from'])['id'])
  return copyOf(wordOf(image['type']), `server/${of}`, isBackup ? 'inside' : 'account', {
    id: wordOf(image['id']),
    name: wordOf(image['description']),
  })
}

/** https://docs.digitalocean.com/reference/api/; forms after the platform's own OpenAPI description (github.com/digitalocean/openapi at 4b3f943, November 2026). */
export const digitalocean: Provider = {
  name: 'digitalocean',
  // A refresh token is used up by asking.
  hosts: ({ secret }) => (secret.reveal().startsWith('dor_') ? null : ['api.digitalocean.com']),
  asks: 'its account, droplets, volumes, databases and snapshots',
  reach: async ({ secret }, ask) => {
    const rest = openRest(ask, 'api.digitalocean.com', bearer(secret))
    const account = await rest.get('/v2/account')
    if (account.status !== 200 && account.status !== 403) return refusal(account, rest.host)
    const droplets = await rest.list('/v2/droplets?per_page=200', 'droplets', oceanPages)
    const volumes = await rest.list('/v2/volumes?per_page=200', 'volumes', oceanPages)
    const databases = await rest.list('/v2/databases', 'databases')
    const snapshots = await rest.list('/v2/snapshots?per_page=200', 'snapshots', oceanPages)
    const who = objectOf(objectOf(account.body)['account'])
    // In a team all is the team's, whoever asks.
    const id = wordOf(objectOf(who['team'])['uuid'] ?? who['uuid'])
    return toldOf(accountOf('digitalocean', id), 'the account', {
      unknown: [writes, ...rest.unknown],
      powers: [deleting, { operation: 'GET', does: 'reads', on: 'all' }],
      things: [
        ...droplets.map((each) => thingOf('droplet', 'data', each)),
        ...volumes.map((each) => thingOf('volume', 'data', each)),
        ...databases.map((each) => thingOf('database', 'data', each)),
      ],
      copies: [...droplets.flatMap(backupsOf), ...snapshots.map(snapshotOf)],
    })
  },
}

/** Backups of a droplet go with it. */
function backupsOf(droplet: JsonObject): readonly Copy[] {
  const ids = Array.isArray(droplet['backup_ids']) ? droplet['backup_ids'] : []
  return ids.map((id) =>
    copyOf('backup', `droplet/${wordOf(droplet['id'])}`, 'inside', { id: String(id), name: '' }),
  )
}

const snapshotOf = (snapshot: JsonObject): Copy =>
  copyOf(
    'snapshot',
    `${wordOf(snapshot['resource_type'])}/${wordOf(snapshot['resource_id'])}`,
    'account',
    { id: wordOf(snapshot['id']), name: wordOf(snapshot['name']) },
  )
