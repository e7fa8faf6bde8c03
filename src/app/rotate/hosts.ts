/** Platforms that hand a database's password out by themselves: what a change by SQL does not reach. */

interface Platform {
  readonly host: RegExp
  readonly says: string
}

/** Host names and habits as commonly known, not checked against each platform's manual. */
const platforms: readonly Platform[] = [
  {
    host: /\.(railway\.app|rlwy\.net|railway\.internal)$/,
    says: 'Railway hands this password to services by variables (`PGPASSWORD`, `DATABASE_URL`): change it there too, or they log in with the old one at their next start',
  },
  {
    host: /\.(supabase\.(co|com))$/,
    says: 'Supabase keeps this password for its poolers and its own services too: better reset it there (Project Settings, Database), then `firebreak custody add`',
  },
  {
    host: /\.neon\.(tech|build)$/,
    says: 'Neon shows this password in its console and gives it to integrations: better reset it there (Roles), then `firebreak custody add`',
  },
  {
    host: /\.rds\.amazonaws\.com$/,
    says: 'where AWS Secrets Manager keeps this password, it goes on handing out the old one: rotate it there instead',
  },
  {
    host: /\.(render\.com|ondigitalocean\.com|aivencloud\.com|database\.azure\.com)$/,
    says: 'the platform may show this password in its console and give it to services: look there, and change it there too',
  },
  {
    host: /\.(flympg\.net|fly\.dev|internal)$/,
    says: 'secrets of apps (`fly secrets list`) may hold this password: set them anew too',
  },
]

/** What cannot be seen from here; a host of nobody's has applications that are not connected now, all the same. */
export function handsOut(host: string): readonly string[] {
  return [
    'who is not connected right now (a nightly job, an app that sleeps, a colleague) is not in this list',
    ...platforms.filter((platform) => platform.host.test(host)).map(({ says }) => says),
  ]
}
