/** What node-postgres's connection can do and its types leave out: COPY, as its own `pg-copy-streams` uses it. */
import 'pg'

declare module 'pg' {
  interface Connection {
    sendCopyFromChunk(chunk: Buffer): void
    endCopyFrom(): void
    sendCopyFail(message: string): void
  }
}
