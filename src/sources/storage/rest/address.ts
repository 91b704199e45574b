/** Addresses of the REST backend: `rest:http://…`, `rest:https://user:pass@host:8000/path/`, `rest:http+unix:///socket:/path/`. */
import { Secret } from '../../../model/secret.ts'
import type { Server } from '../ask.ts'
import type { StorageAccess } from '../storage.ts'

export interface RestAddress extends Server {
  /** Begins and ends with a slash. */
  readonly path: string
  /** The `Authorization` header. */
  readonly authorization?: Secret
}

/** Source: restic `internal/backend/rest/config.go`. @returns undefined for an address that cannot be understood */
export function parseAddress({
  url,
  environment,
}: Pick<StorageAccess, 'url' | 'environment'>): RestAddress | undefined {
  const text = url.reveal().replace(/^rest:/, '')
  const unix = /^http\+unix:\/\/(\/[^:]+)(?::(\/.*)?)?$/.exec(text)
  const parsed = URL.parse(unix === null ? text : `http://localhost${unix[2] ?? '/'}`)
  if (parsed === null || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')) return undefined
  const scheme = parsed.protocol === 'https:' ? 'https' : 'http'
  const authorization = authorizationOf(parsed, environment)
  const base = {
    scheme,
    authority: parsed.host,
    path: parsed.pathname.endsWith('/') ? parsed.pathname : `${parsed.pathname}/`,
    ...(authorization && { authorization }),
  } as const
  if (unix !== null) return { ...base, to: { socketPath: unix[1] ?? '' } }
  const port = Number(parsed.port) || (scheme === 'https' ? 443 : 80)
  return { ...base, to: { host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'), port } }
}

/** The variables count only when the address has neither user nor password. */
function authorizationOf(url: URL, environment: StorageAccess['environment']): Secret | undefined {
  const inUrl = url.username !== '' || url.password !== ''
  const user = inUrl ? decoded(url.username) : (environment.RESTIC_REST_USERNAME?.reveal() ?? '')
  const password = inUrl ? decoded(url.password) : (environment.RESTIC_REST_PASSWORD?.reveal() ?? '')
  if (user === '' && password === '') return undefined
  return new Secret(`Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
