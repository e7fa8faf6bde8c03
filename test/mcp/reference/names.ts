/** What a server's tools are called, in both families of revisions, as the protocol's own client is told. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'

export async function toolNames(url: string): Promise<readonly string[]> {
  const names = new Set<string>()
  for (const mode of ['legacy', { pin: '2026-07-28' }] as const) {
    const client = new Client({ name: 'names', version: '1' }, { versionNegotiation: { mode } })
    await client.connect(new StreamableHTTPClientTransport(new URL(url)))
    const { tools } = await client.listTools()
    for (const { name } of tools) names.add(name)
    await client.close()
  }
  return [...names]
}
