/** Where a path leads, and whether what lies there can be made again. By its text alone: nothing is looked up. */
import { home } from './scope.ts'
import type { Arg } from './words.ts'

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
const made = new Set([
  'node_modules',
  'dist',
  'build',
  'out',
  'target',
  '.next',
  '.nuxt',
  '.svelte-kit',
  '.output',
  '.turbo',
  '.parcel-cache',
  '.cache',
  '.vite',
  '.angular',
  '.expo',
  'coverage',
  '.nyc_output',
  '__pycache__',
  '.pytest_cache',
  '.mypy_cache',
  '.ruff_cache',
  '.tox',
  '.venv',
  'venv',
  '.gradle',
  'storybook-static',
  'bin',
  'obj',
  'tmp',
  'temp',
  '.tmp',
  'logs',
  '.eggs',
  'htmlcov',
  '.terraform',
  '.serverless',
  '.docusaurus',
  'public/build',
  '.astro',
  '.wrangler',
  '.vercel',
  'playwright-report',
  'test-results',
  '.eslintcache',
  '.stylelintcache',
])
const madeLike =
  /(\.egg-info|\.pyc|\.log|\.tmp|\.o|\.class|\.tsbuildinfo|\.map|\.swp|~)$|^\.?(cache|coverage)/

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
  /^\/(var\/lib\/(postgres|pgsql|mysql|mariadb|mongo|redis|docker|containerd|kubelet|rancher|etcd|clickhouse|elasticsearch|rabbitmq|grafana|prometheus|influx|cassandra|neo4j|minio|libvirt|lxd|ceph|firebreak)|data|mnt|media|srv|backup|backups|var\/backups|volumes?|pgdata|export|nfs)(\/|$)/

export function isVolume(text: string): boolean {
  return volumes.test(normal(text)) || /(^|\/)(pgdata|\.firebreak|firebreak-vault)(\/|$)/.test(text)
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
