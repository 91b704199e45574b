import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { z } from 'zod'
import { parseConfig } from './parse.ts'
import { Config } from './schema.ts'
import { branchesOf, isSecret, type Schema } from './schema-walk.ts'
import { masked, maskUrl, renderConfig } from './show.ts'

const sample = readFileSync(join(import.meta.dirname, '../../test/fixtures/secrets.yaml'), 'utf8')

const parsed = (text: string): Config => {
  const { config, errors } = parseConfig(text)
  assert.deepEqual(errors, [])
  return config as Config
}

/** Paths of every secret of the schema: `*` for a name in a record, `[]` for an entry of a list. */
function secretPaths(schema: Schema, path: readonly string[] = []): string[] {
  if (isSecret(schema)) return [path.join('.')]
  return branchesOf(schema, undefined).flatMap((branch) => {
    if (branch instanceof z.ZodObject)
      return Object.entries(branch.shape as Record<string, Schema>).flatMap(([key, item]) =>
        secretPaths(item, [...path, key]),
      )
    if (branch instanceof z.ZodRecord) return secretPaths(branch.valueType as Schema, [...path, '*'])
    return branch instanceof z.ZodArray ? secretPaths(branch.element as Schema, [...path, '[]']) : []
  })
}

describe('the effective configuration', () => {
  it('masks every place of the schema where a secret may stand; the sample has them all', () => {
    assert.deepEqual(
      [...new Set(secretPaths(Config))],
      [
        'repositories.*.url',
        'repositories.*.password',
        'repositories.*.environment.*',
        'pings.*.key',
        'notify.*.urls.[]',
        'notify.*.api',
        'notify.*.url',
        'notify.*.smtp.password',
        'notify.*.token',
        'notify.*.password',
        'notify.*.user',
        'notify.*.headers.*',
        'notify.*.secret',
        'inbox.tokens.[]',
        'inbox.poll.token',
        'diagnose.alertmanager.token',
        'ns8.redis.url',
        'ns8.redis.password',
        'heartbeat.url',
        'metrics.pushgateway.url',
        'metrics.pushgateway.password',
        'metrics.pushgateway.token',
        'metrics.otlp.url',
        'metrics.otlp.headers.*',
        'metrics.otlp.password',
        'metrics.otlp.token',
        'server.auth.users.*',
        'server.auth.tokens.[]',
      ],
    )
    const config = parsed(sample)
    for (const text of [renderConfig(config), JSON.stringify(masked(config))]) assert.doesNotMatch(text, /CANARY/)
    const text = renderConfig(config)
    assert.match(text, /url: rest:https:\/\/user:\*\*\*@backups\.example\.com\/repo/)
    assert.match(text, /url: rclone::sftp,host=nas,pass=\*\*\*:backup/)
    assert.equal(text.match(/\*\*\*/g)?.length, 22)
  })

  it('is written in the units of the file, and reads again to the same', () => {
    const config = parsed(
      sample
        .replace('user:CANARY-in-url@', '')
        .replaceAll(/"?(?:https:\/\/[^"\s@]*\/)?CANARY-(?!rclone)[\w-]+"?/g, '{ env: P }')
        .replace('pass=CANARY-rclone', 'port=22'),
    )
    const text = renderConfig(config)
    for (const line of [
      'every: 15m',
      'timeLimit: 1d',
      'statsEvery: 1d',
      'minBytes: 1G',
      'maxShrink: 12.5%',
      'uploadRate: 10M',
      'keepRuns: 400d',
    ])
      assert.ok(text.includes(line), `${line} in\n${text}`)
    assert.deepEqual(parsed(text), config)
  })

  it('names where secrets come from', () => {
    const text = renderConfig(
      parsed('repositories: { b: { tool: restic, url: /x, password: { command: [pass, show, b] } } }'),
    )
    assert.match(text, /command:\n +- pass\n +- show\n +- b/)
  })

  it('has no key of a parsed file that it hides as unknown', () => {
    assert.doesNotMatch(
      renderConfig(parsed('repositories: { b: { tool: restic, url: /x, password: { env: P } } }')),
      /\*\*\*/,
    )
  })
})

describe('an address', () => {
  const rows = [
    ['rest:https://u:p@h/r', 'rest:https://u:***@h/r'],
    ['rest:https://u:p/w@h/r', 'rest:https://u:***@h/r'],
    ['rest:https://u:p@w@h/r', 'rest:https://u:***@h/r'],
    ['rest:https://:p@h/r', 'rest:https://:***@h/r'],
    ['rest:https://u:123@h/r', 'rest:https://u:***@h/r'],
    ['rest:https://u@h:8000/r', 'rest:https://u@h:8000/r'],
    ['rest:http://h:8000/a@b', 'rest:http://h:8000/a@b'],
    ['s3:https://KEY:SECRET@h/b', 's3:https://KEY:***@h/b'],
    ['sftp:u@h:path', 'sftp:u@h:path'],
    ['sftp://u@[::1]:22/path', 'sftp://u@[::1]:22/path'],
    ['rclone::sftp,host=h,pass="a,b":p', 'rclone::sftp,host=h,pass=***:p'],
    ['/srv/backup', '/srv/backup'],
  ] as const
  for (const [url, want] of rows) it(`${url} shows as ${want}`, () => assert.equal(maskUrl(url), want))
})
