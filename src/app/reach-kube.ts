/** A login of a cluster is asked about at the cluster that the same file of this person's home names for it, by the certificate that it names. */
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { objectOf, textOf, toJson } from '../base/json.ts'
import type { JsonObject } from '../base/json.ts'
import type { Secret } from '../base/secret.ts'
import type { Finding } from '../scan/merged.ts'
import type { Cluster } from '../scan/reach/kubernetes.ts'
import { objectsOf } from '../scan/reach/provider.ts'

export interface KubeAsk {
  readonly cluster: Cluster
  readonly ca: string | null
  readonly client: { readonly cert: string; readonly key: string } | null
}

/** Null for a login that lies elsewhere: another file's word for where it goes is not taken. */
export function kubeOf({ found, places }: Finding): KubeAsk | null {
  const isOwn = places.some(({ source, at }) => source === 'home' && at.file === '~/.kube/config')
  if (!isOwn) return null
  try {
    return kubeIn(readFileSync(join(homedir(), '.kube/config'), 'utf8'), found.secret)
  } catch {
    // Gone since it was scanned, or no YAML: nobody can be asked.
    return null
  }
}

/** What a file of settings says of the login with this secret; null where it does not say all, or would have its certificate unchecked. */
export function kubeIn(text: string, secret: Secret): KubeAsk | null {
  const file = objectOf(toJson(parse(text)))
  const raw = secret.reveal()
  const user = objectsOf(file['users']).find(
    (each) =>
      objectOf(each['user'])['token'] === raw || objectOf(each['user'])['client-key-data'] === raw,
  )
  const context = objectsOf(file['contexts'])
    .map((each) => objectOf(each['context']))
    .find((each) => each['user'] === user?.['name'])
  const found = objectsOf(file['clusters']).find((each) => each['name'] === context?.['cluster'])
  if (user === undefined || context === undefined || found === undefined) return null
  return askOf(objectOf(user['user']), objectOf(found['cluster']), textOf(context['namespace']))
}

function askOf(user: JsonObject, cluster: JsonObject, namespace: string): KubeAsk | null {
  const server = textOf(cluster['server'])
  const isUnchecked = cluster['insecure-skip-tls-verify'] === true
  if (!URL.canParse(server) || isUnchecked) return null
  const { protocol, host, pathname, username } = new URL(server)
  if (protocol !== 'https:' || username !== '') return null
  const [token, cert, key] = [
    textOf(user['token']),
    pem(user, 'client-certificate-data'),
    pem(user, 'client-key-data'),
  ]
  return {
    cluster: {
      host,
      prefix: pathname.replace(/\/$/, ''),
      headers: token === '' ? {} : { authorization: `Bearer ${token}` },
      namespace: namespace === '' ? 'default' : namespace,
    },
    ca: pem(cluster, 'certificate-authority-data'),
    client: cert === null || key === null ? null : { cert, key },
  }
}

function pem(object: JsonObject, name: string): string | null {
  const text = textOf(object[name])
  return text === '' ? null : Buffer.from(text, 'base64').toString('utf8')
}
