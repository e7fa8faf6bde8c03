/** As much of the provider's types as the test uses; its package brings none, and those of others bring forty packages. */
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http'

  export class Provider {
    constructor(
      issuer: string,
      settings: {
        readonly clients?: readonly object[]
        readonly claims?: Readonly<Record<string, readonly string[]>>
        readonly conformIdTokenClaims?: boolean
        readonly ttl: Readonly<Record<string, number>>
        readonly pkce: { readonly required: () => boolean }
        readonly issueRefreshToken?: () => boolean
        readonly rotateRefreshToken?: boolean
        readonly features?: object
        readonly findAccount: (
          context: unknown,
          sub: string,
        ) => { readonly accountId: string; readonly claims: () => Promise<object> }
      },
    )
    callback(): RequestListener
    readonly RefreshToken: {
      find(token: string): Promise<{ destroy(): Promise<void> } | undefined>
    }
  }
}
