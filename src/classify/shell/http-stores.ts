/** Stores that are spoken to by HTTP, known by their port or their path: what a request takes away there. */
import type { DestroyKind } from '../../core/effect.ts'
import { mysql, sqlWords } from './sql-words.ts'

interface Rule {
  readonly methods: RegExp
  readonly like: RegExp
  readonly kind: DestroyKind
}

const rule = (methods: RegExp, like: RegExp, kind: DestroyKind = 'data'): Rule => ({
  methods,
  like,
  kind,
})

const remove = /^DELETE$/
const send = /^(POST|PUT|PATCH)$/
const any = /./
const elastic = String.raw`^https?://[^/]*(?::(?:9200|9201)\b|elastic|opensearch)`

/** The first that fits counts. */
const rules: readonly Rule[] = [
  // Elasticsearch, OpenSearch.
  rule(remove, new RegExp(`${elastic}[^/]*/_snapshot`, 'i'), 'backup'),
  rule(remove, new RegExp(`${elastic}[^/]*/_(slm|ilm|plugins/_(ism|sm))`, 'i'), 'guard'),
  rule(
    remove,
    new RegExp(`${elastic}[^/]*/(?!_search/scroll|_pit|_async_search|_search/point)`, 'i'),
  ),
  rule(remove, /\/(_snapshot|_all|_data_stream|_index_template)(\/|$)/),
  rule(send, /\/_delete_by_query\b/),
  rule(send, /\/_snapshot\/.*\/_restore\b/, 'overwrite'),
  rule(send, new RegExp(`${elastic}.*/_close\\b`, 'i'), 'outage'),
  rule(send, new RegExp(`${elastic}[^/]*/_cluster/settings`, 'i'), 'guard'),
  // Meilisearch.
  rule(remove, /:7700\/(indexes|tasks)\b/),
  rule(remove, /:7700\/keys\b/, 'account'),
  rule(send, /\/indexes\/[^/]+\/documents\/delete(-batch)?\b/),
  // Qdrant, Weaviate, Typesense, Chroma.
  rule(remove, /:6333\/collections\/[^/]+\/snapshots\b|:6333\/snapshots\b/, 'backup'),
  rule(remove, /:(6333|8108)\//),
  rule(send, /\/collections\/[^/]+\/points\/delete\b/),
  rule(remove, /\/v1\/(schema|objects)(\/|$)/),
  // CouchDB, InfluxDB, Prometheus and its kin, Loki, Solr.
  rule(remove, /:(5984|6984)\//),
  rule(send, /:5984\/[^/]+\/_purge\b/),
  rule(remove, /:8086\/api\/v2\/(buckets|orgs)\b/, 'container'),
  rule(send, /:8086\/api\/v2\/delete\b/),
  rule(send, /\/admin\/tsdb\/(delete_series|clean_tombstones)\b/),
  rule(any, /\/solr\/.*\b(action=(UNLOAD|DELETE|DELETEREPLICA|DELETESHARD)|<delete>)/i),
  // Consul, Vault, etcd, RabbitMQ.
  rule(remove, /:8500\/v1\/kv\b/),
  rule(remove, /:8200\/v1\/sys\/(mounts|auth|policies)\b/, 'container'),
  rule(remove, /:8200\/v1\//, 'key'),
  rule(remove, /:15672\/api\/(queues|exchanges|vhosts|bindings)\b/),
  rule(remove, /:15672\/api\/(users|permissions)\b/, 'account'),
  // Gateways, pipelines, alarms and flags by the paths of their own interfaces.
  rule(
    remove,
    /:8001\/(services|routes|consumers|plugins|upstreams|certificates|snis|targets)\b/,
    'container',
  ),
  rule(remove, /\/api\/v4\/projects\/\d+(\/(environments|jobs|pipelines|packages|registry)\b|$)/),
  rule(send, /\/doDelete$/),
  rule(remove, /\/api\/admin\/projects\//, 'container'),
  rule(remove, /\/api\/(dashboards|datasources|alert-notifications)\//, 'guard'),
  rule(remove, /:8089\/services\/data\/indexes\//),
  // Docker by its socket, Kubernetes by its server.
  rule(remove, /^https?:\/\/[^/]*(\/v\d[\d.]*)?\/volumes\/[^/]+$/),
  rule(send, /^https?:\/\/[^/]*(\/v\d[\d.]*)?\/volumes\/prune\b/),
  rule(remove, /:6443\/api/, 'container'),
  rule(
    remove,
    /\/apis?\/(apps\/)?v\d\w*\/([\w-]+\/[\w-]+\/)?(namespaces|persistentvolumes|persistentvolumeclaims|statefulsets|secrets|nodes)\b/,
    'container',
  ),
]

/** What goes; null where nothing here knows the store. */
export function lostAt(
  method: string,
  address: string,
  bodies: readonly string[] = [],
): DestroyKind | null {
  const found = rules.find(({ methods, like }) => methods.test(method) && like.test(address))
  if (found !== undefined) return found.kind
  // ClickHouse and InfluxDB take statements.
  if (!/:(8123|8443|8086)\b/.test(address)) return null
  const [, query = ''] = /[?&](?:query|q)=([^&]*)/.exec(address) ?? []
  const texts = [
    query.replaceAll('+', ' ').replaceAll('%20', ' '),
    ...bodies.map((one) => one.replace(/^q=/, '')),
  ]
  return texts.some((one) => sqlWords(one, mysql).length > 0) ? 'data' : null
}
