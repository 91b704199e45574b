import type { ImportWish } from '../importer.ts'
import type { Variables } from './variables.ts'

/** The gateway as it stands in muster.yaml; undefined where it is not wanted. */
export function pushgatewayOf(variables: Variables, { printed }: ImportWish): object | undefined {
  if (!variables.isWanted('PUSHGATEWAY_ENABLED')) return undefined
  const text = variables.text('PUSHGATEWAY_URL')?.trim()
  if (text === undefined) {
    const next = 'Set it, such as http://pushgateway.monitoring.svc.cluster.local:9091.'
    variables.wrong('PUSHGATEWAY_URL', { message: 'is not set', next })
    return undefined
  }
  // Without a scheme curl takes http.
  const url = URL.parse(/^https?:\/\//i.test(text) ? text : `http://${text}`)
  if (url === null) {
    const next = 'Write an address, such as http://pushgateway.monitoring.svc.cluster.local:9091.'
    variables.wrong('PUSHGATEWAY_URL', { message: 'is no address', next })
    return undefined
  }
  const { username, password } = url
  url.username = ''
  url.password = ''
  return {
    url: url.href.replace(/\/$/, ''),
    method: 'post',
    names: 'sidecar',
    job: 'backup',
    instance: '{host}',
    ...(username !== '' && {
      username: decodeURIComponent(username),
      password: printed ? { env: 'PUSHGATEWAY_PASSWORD' } : decodeURIComponent(password),
    }),
  }
}
