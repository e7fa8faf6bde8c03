/** What the rehearsal S3 answers when it refuses: a status and a code, as the real one names them. */

export class S3Refusal extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string) {
    super(code)
    this.status = status
    this.code = code
  }
}

export const denied = (): S3Refusal => new S3Refusal(403, 'AccessDenied')
