import http from 'node:http'
import tls from 'node:tls'

let isPrepared = false

/** Makes `fetch` use the proxy of the environment and trust what the system trusts, as curl and apt do. */
export function followSystemNetwork(): void {
  if (isPrepared) return
  isPrepared = true
  http.setGlobalProxyFromEnv()
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])
}
