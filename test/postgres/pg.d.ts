/** What the tests use of node-postgres, which brings no types. */
declare module 'pg' {
  import type { Socket } from 'node:net'
  interface Connection {
    readonly stream: Socket
    query(text: string): void
    sendCopyFromChunk(chunk: Uint8Array): void
    endCopyFrom(): void
    sendCopyFail(message: string): void
  }
  interface Submittable {
    submit(connection: Connection): void
  }
  class Client {
    constructor(options: {
      connectionString: string
      types?: { getTypeParser(): (text: unknown) => unknown }
    })
    connect(): Promise<void>
    end(): Promise<void>
    on(event: 'error', heard: (error: Error) => void): void
    query(copy: Submittable): void
    query(query: {
      text: string
      values?: (string | null)[]
    }): Promise<{ rows: Record<string, string | null>[] }>
  }
  const pg: { Client: typeof Client }
  export default pg
  export type { Connection, Submittable, Client }
}
