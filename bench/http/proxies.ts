/** What is measured side by side: each starts its own process before the same upstream, and says which pids do the work. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../test/free-port.ts'

export interface Subject {
  readonly name: string
  readonly url: string
  readonly token: string
  readonly pids: () => readonly number[]
  readonly stop: () => Promise<void>
}

/** Debian's nginx with one worker: as the upstream it answers a fixed body, else it is a proxy with keep-alive. */
export async function nginx(dir: string, upstream: string | null): Promise<Subject> {
  const port = await freePort()
  const name = upstream === null ? 'upstream' : 'nginx'
  const location =
    upstream === null
      ? `default_type application/json; return 200 '{"data":{"customDomainCreate":{"id":"x"}}}';`
      : `proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection "";`
  const up =
    upstream === null ? '' : `upstream up { server ${new URL(upstream).host}; keepalive 64; }`
  const config = join(dir, `${name}.conf`)
  writeFileSync(
    config,
    `daemon off; worker_processes 1; pid ${join(dir, `${name}.pid`)}; error_log ${join(dir, `${name}.log`)};
events { worker_connections 1024; }
http { access_log off; keepalive_requests 1000000; client_body_temp_path ${dir}; proxy_temp_path ${dir}; fastcgi_temp_path ${dir}; uwsgi_temp_path ${dir}; scgi_temp_path ${dir}; ${up}
server { listen 127.0.0.1:${port}; location / { ${location} } } }
`,
  )
  const child = spawn('nginx', ['-c', config, '-p', dir], { stdio: 'ignore' })
  await answers(port)
  const { pid = 0 } = child
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    token: 'none',
    pids: () => [pid, ...childrenOf(pid)],
    stop: () => end(child),
  }
}

/** A proxy of Node's without any inspection, in a process of its own: `rival.ts` or `libraries.ts`. */
export async function nodeProxy(name: string, script: string, upstream: string): Promise<Subject> {
  const port = await freePort()
  const file = join(import.meta.dirname, script)
  const child = spawn(process.execPath, [file, String(port), upstream], { stdio: 'inherit' })
  await answers(port)
  const { pid = 0 } = child
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    token: 'none',
    pids: () => [pid],
    stop: () => end(child),
  }
}

/** Firebreak with everything on: grants, reading, policy, inventory, ledger on disk, redaction. */
export async function firebreak(dir: string, upstream: string): Promise<Subject> {
  const script = join(import.meta.dirname, 'firebreak.ts')
  const child = spawn(process.execPath, ['--max-semi-space-size=64', script, dir, upstream], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const line = await new Promise<string>((resolve) =>
    child.stdout.once('data', (bytes: Buffer) => resolve(bytes.toString())),
  )
  const [url = '', token = ''] = line.trim().split(' ')
  const { pid = 0 } = child
  return { name: 'Firebreak', url, token, pids: () => [pid], stop: () => end(child) }
}

async function answers(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const up = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    )
    if (up) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`nothing answers on ${port}`)
}

async function end(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await gone
}

function childrenOf(parent: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => statOf(Number(name))[1] === String(parent))
    .map(Number)
}

/** CPU seconds, user and system, of a process so far (proc(5), stat fields 14 and 15; 100 ticks a second). */
export function cpuOf(pid: number): number {
  const fields = statOf(pid)
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100
}

/** The fields of /proc/PID/stat behind the command's name: state, parent, … */
function statOf(pid: number): readonly string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    // Gone meanwhile.
    return []
  }
}
