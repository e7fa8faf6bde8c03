/** Where a path leads, and whether what lies there can be made again. By its text alone: nothing is looked up. */
import { home } from './scope.ts'
import type { Arg } from './arg.ts'

/** `.` and `..` taken out; a path that climbs out of where it began keeps its `..`. */
export function normal(path: string): string {
  const isWhole = path.startsWith('/')
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (!isWhole) parts.push('..')
  }
  return isWhole ? `/${parts.join('/')}` : parts.join('/') || '.'
}

/** Folders that a build or an install makes anew. */
const made = new Set(
  `node_modules dist build out target coverage htmlcov bin obj tmp temp .tmp logs vendor Pods DerivedData
  .next .nuxt .svelte-kit .output .turbo .parcel-cache .cache .vite .angular .expo .astro .docusaurus .vercel .wrangler
  .nyc_output playwright-report test-results blob-report allure-results storybook-static .eslintcache .stylelintcache
  .swc .nx .yarn .pnpm-store .rollup.cache .sass-cache .jekyll-cache _site .open-next .aws-sam cdk.out .sst
  __pycache__ .pytest_cache .mypy_cache .ruff_cache .hypothesis .ipynb_checkpoints .tox .nox .venv venv .eggs wheelhouse
  .gradle .kotlin .metals .bloop .bundle _build deps .elixir_ls .stack-work dist-newstyle elm-stuff .dart_tool
  zig-cache .zig-cache zig-out nimcache cmake-build-debug cmake-build-release CMakeFiles .terraform .serverless
  package-lock.json yarn.lock pnpm-lock.yaml bun.lock bun.lockb`.split(/\s+/),
)
const madeLike =
  /(\.egg-info|\.py[co]|\.log|\.tmp|\.o|\.class|\.tsbuildinfo|\.map|\.swp|\.orig|\.rej|\.DS_Store|~)$|^\.?(cache|coverage)/

/** Whether what lies there is made anew by the next build, or lies where things are thrown away. */
export function isThrowaway({ text, isKnown, isGlob }: Arg): boolean {
  const path = normal(text)
  // Of a path that is known in part, what follows could climb out again.
  if (/^\/(tmp|var\/tmp|dev\/shm|private\/tmp)(\/|$)/.test(path))
    return isKnown || /^\/(var\/)?tmp\/[^$`]+/.test(path)
  if (!isKnown || path.startsWith('/') || path.startsWith('..')) return false
  const last = path.split('/').at(-1) ?? ''
  if (isGlob)
    return (
      madeLike.test(last) ||
      path
        .split('/')
        .slice(0, -1)
        .some((part) => made.has(part))
    )
  return path.split('/').some((part) => made.has(part)) || madeLike.test(last)
}

/** Where systems keep what lives: databases, volumes, backups, and Firebreak's own. */
const volumes =
  /^\/(var\/(lib|opt)\/(postgres|pgsql|pgadmin|pgbackrest|barman|mysql|mariadb|mongo|redis|valkey|docker|containerd|containers|kubelet|rancher|etcd|clickhouse|elasticsearch|opensearch|rabbitmq|kafka|zookeeper|nats|grafana|prometheus|loki|influx|cassandra|scylla|cockroach|couchdb|couchbase|neo4j|arangodb3|minio|meilisearch|qdrant|weaviate|typesense|solr|vault|consul|nomad|libvirt|lxd|incus|lxc|ceph|longhorn|gitlab|jenkins|mssql|firebreak|restic|borg)[\w.-]*|data\d*|mnt|media|srv|backups?|var\/backups|volumes?|pgdata|export|nfs)(\/|$)/
/** A folder of a database or of backups wherever it lies: `./pgdata`, `docker/volumes/db`. */
const volumeNames =
  /(^|\/)(pg_?data|postgres(ql)?[-_]?data|mysql[-_]?data|mariadb[-_]?data|mongo(db)?[-_]?data|redis[-_]?data|minio[-_]?data|pg_wal|pg_xlog|\.firebreak|firebreak-vault)(\/|$)/i

export function isVolume(text: string): boolean {
  return volumes.test(normal(text)) || volumeNames.test(text)
}

/** One file that is a database, its log, or a backup: `app.sqlite3`, `dump.rdb`, `backup.sql.gz`. A test's own is none. */
export function isDatabaseFile(text: string): boolean {
  const name = text.split('/').at(-1) ?? ''
  if (
    /(^|[-_.])(tests?|tmp|temp|cache|e2e|mock|fixture|thumbs)([-_.]|$)/i.test(
      text.toLowerCase().split('/').join('.'),
    )
  )
    return false
  return (
    /\.(sqlite3?|db3|db|mdb|ldb|rdb|aof|ibd|myd|frm|mdf|ldf|bak|wal)$/i.test(name) ||
    /^ibdata\d*$|^(db|database|backup|dump)s?[-_.\d\w]*\.(sql|dump|tar|tgz|zip|gz|zst|xz|bz2|age|gpg)(\.\w+)?$/i.test(
      name,
    )
  )
}

/** The whole of a disk, a home, a system folder. */
export function isRoot(text: string): boolean {
  const path = normal(text)
  if (path === '/' || path === home || path === '/home' || path === '/root' || path === '/Users')
    return true
  if (/^\/(home|Users)\/[^/]+$/.test(path) || /^\/\*$/.test(path)) return true
  return /^\/(bin|boot|dev|etc|lib|lib64|opt|proc|sbin|sys|usr|var|System|Library|Applications)(\/|$)/.test(
    path,
  )
}
