/** A company's OpenID provider, a real one, with the people it knows: whatever they type as a password is right. */
import { createServer } from 'node:http'
import { Provider } from 'oidc-provider'
import { freePort } from '../free-port.ts'

export interface Company {
  readonly issuer: string
  readonly close: () => Promise<void>
}

export interface Known {
  readonly email: string
  readonly verified: boolean
}

export const client = { id: 'firebreak', secret: 'the-secret-of-the-client' }

/** `origin`: where it sends people back to. */
export async function openCompany(
  origin: string,
  people: { readonly [login: string]: Known },
): Promise<Company> {
  const port = await freePort()
  const issuer = `http://localhost:${port}`
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        token_endpoint_auth_method: 'client_secret_post',
        redirect_uris: [`${origin}/signed-in`],
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
    pkce: { required: () => true },
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: async () => {
        const { email = '', verified = false } = people[sub] ?? {}
        return await Promise.resolve({ sub, email, email_verified: verified })
      },
    }),
  })
  const server = createServer(provider.callback())
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    issuer,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
