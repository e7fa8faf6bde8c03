/** Certificates for a test server: a CA of its own and a certificate for 127.0.0.1 and localhost, made by openssl. */
import { join } from 'node:path'

/** Writes `ca.crt`, `server.crt` and `server.key` into a folder; the CA's file. `openssl` runs as the folder's owner. */
export function makeCertificates(
  folder: string,
  openssl: (args: readonly string[]) => unknown,
): string {
  const [ca, caKey] = [join(folder, 'ca.crt'), join(folder, 'ca.key')]
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  openssl(['req', '-x509', ...key, '-subj', '/CN=test CA', '-keyout', caKey, '-out', ca])
  const names = 'subjectAltName=IP:127.0.0.1,DNS:localhost'
  const signed = ['-CA', ca, '-CAkey', caKey, '-addext', names]
  const extensions = ['-addext', 'basicConstraints=critical,CA:FALSE']
  const files = ['-keyout', join(folder, 'server.key'), '-out', join(folder, 'server.crt')]
  openssl(['req', '-x509', ...key, ...signed, ...extensions, '-subj', '/CN=localhost', ...files])
  return ca
}
