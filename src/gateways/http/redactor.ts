/** The last look at what goes back to an agent, as the gateway is handed it. */

/** Gives back as many bytes as it took, some of them later, a secret among them as stars; after `end` it starts anew. */
export interface Redactor {
  push(chunk: Uint8Array): Uint8Array
  end(): Uint8Array
}
