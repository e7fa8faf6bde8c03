/** Tests' own session with a server, by node-postgres: every value as the text that the server sends. */
import pg from 'pg'
import type { Connection, Submittable } from 'pg'
import type { Row, Session } from '../../src/platforms/postgres/questions.ts'

export interface OpenSession extends Session {
  /** The server's process of this session. */
  pid(): Promise<number>
  close(): Promise<void>
}

export async function openSession(url: string): Promise<OpenSession> {
  const client = new pg.Client({
    connectionString: url,
    types: { getTypeParser: () => (text: unknown) => text },
  })
  await client.connect()
  // A server that is stopped under a session is part of some tests.
  client.on('error', () => undefined)
  return {
    ask: async (sql, values = []) => {
      const { rows } = await client.query(
        values.length === 0 ? { text: sql } : { text: sql, values: [...values] },
      )
      return rows satisfies readonly Row[]
    },
    copyOut: async function* (sql) {
      const copy = new CopyOut(sql)
      client.query(copy)
      yield* copy.pieces()
    },
    copyIn: async (sql, bytes) => {
      const copy = new CopyIn(sql, bytes)
      client.query(copy)
      await copy.done.promise
    },
    pid: async () => {
      const { rows } = await client.query({ text: 'SELECT pg_backend_pid() AS pid' })
      return Number(rows[0]?.['pid'])
    },
    close: async () => await client.end(),
  }
}

/** The wire of node-postgres for what it has no words for: COPY. */
abstract class Copy implements Submittable {
  readonly done = Promise.withResolvers<null>()
  protected connection: Connection | null = null
  readonly #sql: string

  constructor(sql: string) {
    this.#sql = sql
    this.done.promise.catch(() => null)
  }
  submit(connection: Connection): void {
    this.connection = connection
    connection.query(this.#sql)
  }
  handleError(error: Error): void {
    // It hears no more of the server after this.
    this.ended()
    this.done.reject(error)
  }
  handleReadyForQuery(): void {
    this.ended()
    this.done.resolve(null)
  }
  handleCommandComplete(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleCopyInResponse(_connection: Connection): void {}
  handleCopyData(_message: { readonly chunk: Uint8Array }): void {}
  protected ended(): void {}
}

class CopyOut extends Copy {
  #waiting: Uint8Array[] = []
  #told = Promise.withResolvers<null>()
  #over = false
  #dropped = false

  override handleCopyData({ chunk }: { readonly chunk: Uint8Array }): void {
    if (this.#dropped) return
    this.#waiting.push(Uint8Array.from(chunk))
    if (this.#waiting.length > 64) this.connection?.stream.pause()
    this.#told.resolve(null)
  }
  protected override ended(): void {
    this.#over = true
    this.#told.resolve(null)
  }
  async *pieces(): AsyncGenerator<Uint8Array> {
    try {
      while (!this.#over || this.#waiting.length > 0) {
        await this.#told.promise
        const pieces = this.#waiting
        this.#waiting = []
        if (!this.#over) this.#told = Promise.withResolvers<null>()
        this.connection?.stream.resume()
        if (pieces.length > 0) yield Buffer.concat(pieces)
      }
      await this.done.promise
    } finally {
      // Whoever stops in the middle leaves a server that still sends.
      this.#dropped = true
      this.connection?.stream.resume()
    }
  }
}

class CopyIn extends Copy {
  readonly #bytes: AsyncIterable<Uint8Array>
  #stopped = false

  constructor(sql: string, bytes: AsyncIterable<Uint8Array>) {
    super(sql)
    this.#bytes = bytes
  }
  override handleCopyInResponse(connection: Connection): void {
    void this.#send(connection)
  }
  protected override ended(): void {
    this.#stopped = true
  }
  async #send(connection: Connection): Promise<void> {
    try {
      for await (const piece of this.#bytes) {
        if (this.#stopped) return
        connection.sendCopyFromChunk(Buffer.from(piece))
        if (connection.stream.writableNeedDrain)
          await new Promise((resolve) => connection.stream.once('drain', resolve))
      }
      if (!this.#stopped) connection.endCopyFrom()
    } catch (thrown) {
      connection.sendCopyFail(String(thrown))
    }
  }
}
