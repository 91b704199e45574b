import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parseConfig } from './parse.ts'
import { secretFileWarnings } from './secret-files.ts'

it('tells of files with authorities that are not there, and of no others', () => {
  const here = join(import.meta.dirname, 'secret-files.test.ts')
  const text = `repositories: { box: { tool: restic, url: /b, password: { env: P } } }
notify:
  a: { kind: gotify, url: "https://g", token: { env: T }, ca: /nowhere/a.pem }
  b: { kind: email, to: [a@b.example], smtp: { url: "smtps://m", ca: /nowhere/b.pem } }
  c: { kind: webhook, url: { env: U }, ca: ${here} }
heartbeat: { url: { env: U }, ca: relative.pem }
metrics: { pushgateway: { url: "https://p", caCert: /nowhere/p.pem }, otlp: { url: "https://o", caCert: ${here} } }
`
  const found = secretFileWarnings({ file: '/etc/muster.yaml', ...parseConfig(text) })
  expect(found.map(({ path, line, message }) => [path.join('.'), line, message.split(' that ')[0]])).toEqual([
    ['notify.a.ca', 3, 'there is no file /nowhere/a.pem'],
    ['notify.b.smtp.ca', 4, 'there is no file /nowhere/b.pem'],
    ['metrics.pushgateway.caCert', 7, 'there is no file /nowhere/p.pem'],
  ])
})
