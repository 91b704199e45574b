import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { z } from 'zod'
import { sayFinding } from '../../finding.ts'
import { parseConfig } from '../../parse.ts'
import { Name, Repository } from '../../schema/repository.ts'
import { Config } from '../../schema.ts'
import { renderImported } from '../render.ts'
import { readCron } from './cron.ts'
import { importer } from './index.ts'
import { namesOf } from './names.ts'

const read = (value: unknown, cron?: string) =>
  importer.read(typeof value === 'string' ? value : JSON.stringify(value), cron === undefined ? {} : { cron })
const Foreign = Config.extend({ repositories: z.record(Name, Repository) })
const said = (imported: ReturnType<typeof read>, what: 'errors' | 'warnings'): string[] =>
  imported[what].map((finding) => sayFinding('config.json', finding))

/** The example of its README, with the comma that its own reader refuses. */
const readme = `[
    {
        "repo": "rest:https://backups.example.com/my-repo",
        "vault_material": "service/backups/my-repo-key"
    },
    {
        "repo": "rest:https://backups.example.com/my-repo-too",
        "password": "foo",
    },
    {
        "repo": "b2:my-backup-bucket:",
        "vault_material": "service/backups/my-b2-backups-key",
        "b2_vault_material": "service/backups/b2-account-keys"
    },
    {
        "disabled": true,
        "repo": "b2:my-backup-bucket-too:",
        "vault_material": "service/backups/my-b2-backups-key-too",
        "b2_account_id": "12345",
        "b2_key": "my-secret-key"
    }
]`

describe('the configuration of restic-reporter', () => {
  it('is read as its README shows it, trailing comma and all', () => {
    const imported = read(readme)
    assert.deepEqual(imported.errors, [])
    assert.match(said(imported, 'warnings').join(), /config\.json:8:26: a comma behind the last entry/)
    const pace = { every: '0 0 * * *', timeLimit: '15m' }
    assert.deepEqual(imported.raw, {
      concurrency: 16,
      repositories: {
        'backups.example.com-my-repo': {
          tool: 'restic',
          url: 'rest:https://backups.example.com/my-repo',
          password: { vault: 'service/backups/my-repo-key' },
          read: pace,
        },
        'backups.example.com-my-repo-too': {
          tool: 'restic',
          url: 'rest:https://backups.example.com/my-repo-too',
          password: 'foo',
          read: pace,
        },
        'my-backup-bucket': {
          tool: 'restic',
          url: 'b2:my-backup-bucket:',
          password: { vault: 'service/backups/my-b2-backups-key' },
          environment: {
            B2_ACCOUNT_ID: { vault: 'service/backups/b2-account-keys', key: 'id' },
            B2_ACCOUNT_KEY: { vault: 'service/backups/b2-account-keys', key: 'key' },
          },
          read: { ...pace, statsEvery: '30d' },
        },
      },
    })
    assert.deepEqual(
      imported.leftOut.map(({ name, why }) => [name, why]),
      [['my-backup-bucket-too', 'it is disabled']],
    )
  })

  it('has keys in any case, unknown ones named, the last of two counting, null as nothing, text behind it ignored', () => {
    const imported = read(
      '\ufeff[{"REPO": "rest:http://h/a", "Password": "a", "passwrd": "x", "password": "b", "disabled": null}] # end',
    )
    assert.equal(parseConfig(renderImported('x', imported)).config?.repositories['h-a']?.password, 'b')
    const warnings = said(imported, 'warnings').join('\n')
    assert.match(warnings, /\[0\]\.passwrd: unknown key, not carried\n.*Did you mean "password"\?/)
    assert.match(warnings, /\[0\]\.password: stands here twice/)
    assert.doesNotMatch(warnings, /"x"|"a"/)
  })

  it('may have no repository that is enabled', () => {
    for (const list of [[], [{ repo: 'rest:http://h/a', disabled: true }]]) {
      const imported = read(list)
      assert.deepEqual(imported.errors, [])
      assert.deepEqual(Foreign.parse(imported.raw).repositories, {})
    }
  })

  for (const [name, value, want] of [
    ['an object', '{}', /1:1: is no list/],
    ['nothing', '', /expected a value, found the end of the file/],
    ['a bracket that is open', '[{"repo": "x"', /expected a comma or \}/],
    ['a list entry that is null', '[null]', /:1:2: \[0\]: is null/],
    ['a wrong type', '[{"repo": 1, "disabled": "yes"}]', /\[0\]\.repo: is no text.*\[0\]\.disabled: is neither/s],
    ['a missing address', '[{"password": "canary"}]', /\[0\]\.repo: is missing/],
    [
      'the same repository twice',
      [{ repo: 'b2:a:' }, { repo: 'b2:a:' }],
      /\[1\]\.repo: is the same repository as \[0\]/,
    ],
    [
      'the same one with two passwords',
      [{ repo: 'rest:http://u:a@h/' }, { repo: 'rest:http://u:b@h/' }],
      /same repository/,
    ],
    ['the same one with and without a slash', [{ repo: '/srv/r' }, { repo: '/srv/../srv/r/' }], /same repository/],
    ['a text that is not closed', '[{"repo": "canary', /not closed/],
    ['depth', '['.repeat(100_000), /64 levels/],
  ] as const)
    it(`refuses ${name}, with a place and a fix`, () => {
      const imported = read(value)
      assert.equal(imported.raw, undefined)
      assert.match(said(imported, 'errors').join('\n'), want)
      assert.doesNotMatch(said(imported, 'errors').join('\n'), /canary/)
      for (const { next } of imported.errors) assert.notEqual(next, '')
    })

  it('answers any text with a value', () =>
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        read(text)
      }),
    ))

  it('is read in no time, however many it names', () => {
    const many = Array.from({ length: 8_000 }, (_, at) => ({ repo: `rest:http://h/${at}`, password: 'x' }))
    const began = performance.now()
    assert.equal(Object.keys(read(many).raw?.repositories ?? {}).length, 8_000)
    assert.ok(performance.now() - began < 5_000)
  })
})

const word = fc.stringMatching(/^[a-z0-9]{1,8}$/)
const secret = fc.string({ minLength: 1, maxLength: 20, unit: 'binary' })
const entry = fc.record(
  {
    repo: fc.oneof(
      fc.tuple(word, word).map(([host, path]) => `rest:https://${host}.example.com/${path}`),
      fc.tuple(word, word).map(([user, path]) => `rest:http://${user}:pass@h:8000/${path}/`),
      word.map((bucket) => `b2:${bucket}:path`),
    ),
    password: secret,
    vault_material: fc.tuple(word, word).map((words) => words.join('/')),
    b2_vault_material: word,
    b2_account_id: secret,
    b2_key: secret,
    disabled: fc.boolean(),
  },
  { requiredKeys: ['repo', 'password'] },
)

it('the printed muster.yaml is the same configuration', () =>
  fc.assert(
    fc.property(
      fc.array(entry, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(undefined, 'TZ=Asia/Tokyo 5 4 * * 1'),
      (list, cron) => {
        const imported = read(list, cron)
        fc.pre(imported.raw !== undefined && Object.keys(imported.raw.repositories).length > 0)
        const { config, errors } = parseConfig(renderImported('restic-reporter', imported))
        assert.deepEqual(errors, [])
        assert.deepEqual(config, Foreign.parse(imported.raw))
      },
    ),
  ))

it('what is not carried is printed as comments that only need their signs taken away', () => {
  const text = renderImported('restic-reporter', read(readme))
  const all = parseConfig(text.replaceAll(/^ {2}# (?!Not)/gm, '  ')).config
  assert.deepEqual(all?.repositories['my-backup-bucket-too']?.environment, {
    B2_ACCOUNT_ID: '12345',
    B2_ACCOUNT_KEY: 'my-secret-key',
  })
})

describe('its cron text', () => {
  for (const [text, want] of [
    ['0 0 * * *', { schedule: '0 0 * * *' }],
    ['*/5 * * * * *', { schedule: '*/5 * * * * *' }],
    ['@daily', { schedule: '@daily' }],
    ['@every 1h30m', { schedule: '@every 5400s' }],
    ['@every 1.5h', { schedule: '@every 5400s' }],
    ['@every 500ms', { schedule: '@every 1s' }],
    ['TZ=Europe/Berlin 0 3 * * *', { schedule: '0 3 * * *', timezone: 'Europe/Berlin' }],
    ['CRON_TZ=UTC @hourly', { schedule: '@hourly', timezone: 'UTC' }],
  ] as const)
    it(`${text} is understood`, () => assert.deepEqual(readCron(text), { ok: true, value: want }))
  for (const text of ['', '61 * * * *', '* * * *', 'TZ=Mars/Base 0 0 * * *', '@every x', '@reboot'])
    it(`"${text}" is an error of --cron`, () => {
      const imported = read([{ repo: 'b2:a:' }], text)
      assert.deepEqual(
        imported.errors.map(({ path }) => path),
        [['--cron']],
      )
    })
})

describe('names', () => {
  it('come from the address, and keep apart what is apart', () => {
    const names = namesOf([
      'rest:http://u:p@h:8000/a/b/',
      'rest:http://h/a-b',
      'rest:http://h/a/b',
      '/srv/backup',
      'b2:x:',
    ])
    assert.equal(names[0], 'h-8000-a-b')
    assert.match(names[1] ?? '', /^h-a-b-[0-9a-f]{8}$/)
    assert.match(names[2] ?? '', /^h-a-b-[0-9a-f]{8}$/)
    assert.deepEqual(names.slice(3), ['srv-backup', 'x'])
    assert.equal(new Set(names).size, 5)
  })
  it('do not change with a password, and fit', () => {
    assert.deepEqual(namesOf(['rest:http://u:one@h/a']), namesOf(['rest:http://u:two@h/a']))
    for (const name of namesOf(['x'.repeat(200), 'rest:http://h/ü', '…']))
      assert.equal(Name.safeParse(name).success, true, name)
  })
})
