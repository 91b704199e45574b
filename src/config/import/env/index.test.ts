import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import { sayFinding } from '../../finding.ts'
import { Config } from '../../schema.ts'
import { masked } from '../../show.ts'
import type { Imported, ImportWish, Surroundings } from '../importer.ts'
import { importer } from './index.ts'
import { podsLike } from './names.ts'

const pod = 'emby-6d4cf56db6-x8k2p'
const least = {
  RESTIC_REPOSITORY: 's3:s3.example.com/bucket/emby',
  RESTIC_PASSWORD: 'canary-1',
  RESTIC_SOURCE: '/backup/config',
}
const ntfy = { ...least, NTFY_ENABLED: 'true' }
const push = { ...least, PUSHGATEWAY_ENABLED: 'true' }

const imported = (
  variables: Record<string, string>,
  wish: ImportWish = {},
  more: Partial<Surroundings> = {},
): Imported =>
  importer.read(
    { variables, host: pod, readText: () => 'rest:http://host/from-file\n', shell: () => 'from the shell', ...more },
    wish,
  )

/** The whole configuration, as `muster run` has it. */
function config(variables: Record<string, string>, wish?: ImportWish): Config {
  const { raw, errors } = imported(variables, wish)
  assert.deepEqual(errors, [])
  return Config.parse(raw)
}
const jobOf = (variables: Record<string, string>) => Object.values(config(variables).jobs)[0]
const repositoryOf = (variables: Record<string, string>) => config(variables).repositories.repository
const faults = (variables: Record<string, string>, wish?: ImportWish): string[] =>
  imported(variables, wish).errors.map((error) => sayFinding('environment', error))

describe('a sidecar that sets no more than it must', () => {
  it('has the defaults of the script', () => {
    const { raw, warnings } = imported(least)
    assert.deepEqual(warnings, [])
    assert.deepEqual(raw, {
      jobs: {
        emby: {
          repository: 'repository',
          sources: ['/backup/config'],
          host: 'emby',
          retention: { keepLast: 1, keepHourly: 24, keepDaily: 7, keepWeekly: 4, keepMonthly: 12, scope: 'host' },
          upkeep: ['prune'],
          onPartial: 'fail',
        },
      },
      repositories: {
        repository: {
          tool: 'restic',
          url: 's3:s3.example.com/bucket/emby',
          password: { env: 'RESTIC_PASSWORD' },
          create: true,
          read: { every: '6h' },
        },
      },
    })
  })

  it('is told by ntfy and the Pushgateway as by the script', () => {
    const raw = imported({ ...ntfy, ...push, PUSHGATEWAY_URL: 'http://pushgateway.monitoring.svc' }).raw as Record<
      string,
      unknown
    >
    assert.deepEqual(raw.notify, {
      ntfy: {
        kind: 'ntfy',
        url: 'https://ntfy.sh',
        topic: 'backup',
        priority: { critical: 4, warning: 4, good: 4 },
        tags: ['bangbang'],
        lamp: false,
        failureTitle: 'emby - Backup failed',
        groupWait: '0s',
        remindEvery: 'failure',
        resolved: false,
      },
    })
    assert.deepEqual(raw.metrics, {
      pushgateway: {
        url: 'http://pushgateway.monitoring.svc',
        method: 'post',
        names: 'sidecar',
        job: 'backup',
        instance: '{host}',
      },
    })
    assert.equal(Config.safeParse(raw).success, true)
  })
})

describe('every variable', () => {
  it('of the repository', () => {
    assert.equal(
      repositoryOf({ ...least, RESTIC_REPOSITORY: '', RESTIC_REPOSITORY_FILE: '/r' })?.url,
      'rest:http://host/from-file',
    )
    assert.deepEqual(repositoryOf({ ...least, RESTIC_PASSWORD: '', RESTIC_PASSWORD_FILE: '/p' })?.password, {
      file: '/p',
    })
    assert.deepEqual(
      repositoryOf({ ...least, RESTIC_PASSWORD: '', RESTIC_PASSWORD_COMMAND: `pass show "my key" $x` })?.password,
      {
        command: ['pass', 'show', 'my key', '$x'],
      },
    )
    assert.deepEqual(
      Object.keys(
        repositoryOf({
          ...least,
          AWS_ACCESS_KEY_ID: 'a',
          AWS_SECRET_ACCESS_KEY: 'b',
          AWS_DEFAULT_REGION: 'c',
          B2_ACCOUNT_ID: 'd',
          AZURE_ACCOUNT_NAME: 'e',
          GOOGLE_PROJECT_ID: 'f',
          OS_AUTH_URL: 'g',
          ST_AUTH: 'h',
          RCLONE_BWLIMIT: 'i',
          RESTIC_REST_USERNAME: 'j',
          RESTIC_CACERT: 'k',
          RESTIC_TLS_CLIENT_CERT: 'l',
          AWS_PROFILE: '',
          PATH: '/bin',
          HOME: '/root',
          OTHER: 'x',
        })?.environment ?? {},
      ),
      [
        'AWS_ACCESS_KEY_ID',
        'AWS_SECRET_ACCESS_KEY',
        'AWS_DEFAULT_REGION',
        'B2_ACCOUNT_ID',
        'AZURE_ACCOUNT_NAME',
        'GOOGLE_PROJECT_ID',
        'OS_AUTH_URL',
        'ST_AUTH',
        'RCLONE_BWLIMIT',
        'RESTIC_REST_USERNAME',
        'RESTIC_CACERT',
        'RESTIC_TLS_CLIENT_CERT',
      ],
    )
    assert.deepEqual(jobOf({ ...least, RESTIC_CACHE_DIR: '/cache' })?.upkeep, ['prune', 'check'])
    assert.equal(repositoryOf({ ...least, RESTIC_CACHE_DIR: '/cache' })?.cacheDir, '/cache')
  })

  it('of what is backed up', () => {
    const job = jobOf({
      ...least,
      RESTIC_HOSTNAME: 'nas',
      RESTIC_SOURCE: '/backup/config "/backup/my data"',
      RESTIC_ADDITIONAL_BACKUP_PARAMETERS: '--exclude *.tmp --tag a,b -x --tag=c --limit-upload 512 /more -v',
      RESTIC_COMPRESSION: 'max',
      RESTIC_PACK_SIZE: '64',
      RESTIC_READ_CONCURRENCY: '4',
      PRE_HOOK: 'pg_dump > /backup/config/db.sql',
      SCHEDULE: '0 * * * *',
    })
    assert.deepEqual(
      [job?.host, job?.sources, job?.tags, job?.limits.uploadRate, job?.schedule],
      ['nas', ['/backup/config', '/backup/my data', '/more'], ['a', 'b', 'c'], 512 * 1024, '0 * * * *'],
    )
    assert.deepEqual(job && 'extraArgs' in job ? job.extraArgs : undefined, ['--exclude', '*.tmp', '-x'])
    assert.match(String(job?.hooks.before), /^set -eu; .*\npg_dump > \/backup\/config\/db\.sql$/)
    assert.equal(job?.hooks.inheritEnvironment, true)
    assert.match(
      imported({ ...least, RESTIC_ADDITIONAL_BACKUP_PARAMETERS: '-v' }).warnings[0]?.message ?? '',
      /-v is left out/,
    )
  })

  it('that replaces the whole command', () => {
    const command = 'restic backup --host "$RESTIC_HOSTNAME" -o s3.connections=9 --tag db "$RESTIC_SOURCE" --exclude=x'
    const own = { ...least, RESTIC_BACKUP_COMMAND: command }
    const job = jobOf(own)
    assert.deepEqual([job?.sources, job?.tags], [['/backup/config'], ['db']])
    assert.deepEqual((repositoryOf(own) as { options?: unknown }).options, ['s3.connections=9'])
    assert.match(
      faults({ ...own, RESTIC_BACKUP_COMMAND: 'mysqldump x | restic backup --stdin' })[0] ?? '',
      /holds "\|"/,
    )
    assert.match(faults({ ...own, RESTIC_BACKUP_COMMAND: 'restic copy /x' })[0] ?? '', /runs nothing else\n.*PRE_HOOK/)
    assert.match(
      faults({ ...own, RESTIC_BACKUP_COMMAND: 'restic backup --tag x' })[0] ?? '',
      /names nothing to back up/,
    )
  })

  it('of retention', () => {
    const kept = {
      KEEP_LAST: '0',
      KEEP_HOURLY: '48',
      KEEP_DAILY: 'unlimited',
      KEEP_WEEKLY: '0',
      KEEP_MONTHLY: '0',
      KEEP_YEARLY: '10',
    }
    const { group: _, keepTags: __, ...retention } = jobOf({ ...least, ...kept })?.retention ?? {}
    assert.deepEqual(retention, { keepHourly: 48, keepDaily: 100_000, keepYearly: 10, scope: 'host' })
    assert.equal(jobOf({ ...least, RESTIC_RETENTION_POLICIES_ENABLED: 'false' })?.retention, undefined)
  })

  it('of ntfy', () => {
    const of = (more: Record<string, string>) => config({ ...ntfy, ...more }).notify.ntfy as Record<string, unknown>
    const told = of({
      NTFY_TITLE: "$(hostname | cut -d '-' -f1) - Backup failed",
      NTFY_CREDS: '-u mne-adm:can:ary',
      NTFY_PRIO: 'urgent',
      NTFY_TAG: 'a, b',
      NTFY_SERVER: 'ntfy.example.com',
      NTFY_TOPIC: 'k8s',
    })
    assert.deepEqual(
      [told.failureTitle, told.user, told.password, told.tags, told.url, told.topic],
      ['emby - Backup failed', 'mne-adm', 'can:ary', ['a', 'b'], 'http://ntfy.example.com', 'k8s'],
    )
    assert.deepEqual(told.priority, { critical: 5, warning: 5, good: 5 })
    assert.equal(of({ NTFY_CREDS: '-u :tk_canary' }).token, 'tk_canary')
    assert.equal(of({ NTFY_TITLE: '$(id)', MUSTER_ALLOW_SHELL: 'true' }).failureTitle, 'from the shell')
    assert.equal(config({ ...ntfy, NTFY_ENABLED: 'false', NTFY_PRIO: 'loud' }).notify.ntfy, undefined)
  })

  it('of the zone, where there is a schedule', () => {
    const zone = (more: Record<string, string>) => config({ ...least, ...more }, { printed: true }).timezone
    assert.equal(zone({ SCHEDULE: '@daily', TZ: 'Europe/Berlin' }), 'Europe/Berlin')
    assert.equal(zone({ SCHEDULE: '@daily', TZ: ':Europe/Berlin' }), 'Europe/Berlin')
    assert.equal(zone({ SCHEDULE: '@daily' }), undefined)
    assert.equal(zone({ TZ: 'Europe/Berln' }), undefined)
  })

  it('of the server', () => {
    assert.equal(config({ ...least, MUSTER_LISTEN: '127.0.0.1:9000' }).server.listen, '127.0.0.1:9000')
    assert.deepEqual(imported({ ...least, MUSTER_LISTEN: '0.0.0.0:9121' }).bind, '0.0.0.0:9121')
    const open = config({ ...least, MUSTER_LISTEN: '0.0.0.0:9121', MUSTER_TOKEN_FILE: '/t' })
    assert.deepEqual([open.server.listen, open.server.auth?.tokens], ['0.0.0.0:9121', [{ file: '/t' }]])
  })

  it('of a gateway with a login', () => {
    const of = (wish?: ImportWish) =>
      config({ ...push, PUSHGATEWAY_URL: 'https://me:can%40ary@push.example.com/sub/' }, wish).metrics.pushgateway
    assert.deepEqual([of()?.url, of()?.username, of()?.password], ['https://push.example.com/sub', 'me', 'can@ary'])
    assert.deepEqual(of({ printed: true })?.password, { env: 'PUSHGATEWAY_PASSWORD' })
  })
})

describe('what is wrong', () => {
  it('is told all at once, by the names of the variables', () => {
    assert.deepEqual(
      faults(
        {
          RESTIC_ADDITIONAL_BACKUP_PARAMETERS: '--host other --password-command=canary',
          KEEP_DAILY: '7d',
          RESTIC_RETENTION_POLICIES_ENABLED: 'yes',
          NTFY_ENABLED: 'on',
          NTFY_TITLE: '`id`',
          NTFY_PRIO: '9',
          NTFY_CREDS: 'canary',
          PUSHGATEWAY_ENABLED: 'true',
          MUSTER_LISTEN: 'here',
        },
        { serves: true },
      ).map((text) => text.split('\n')[0]),
      [
        'environment: RESTIC_REPOSITORY: is not set',
        'environment: RESTIC_PASSWORD: is not set',
        'environment: RESTIC_ADDITIONAL_BACKUP_PARAMETERS: names another host than RESTIC_HOSTNAME by --host',
        'environment: RESTIC_ADDITIONAL_BACKUP_PARAMETERS: the argument "--password-command=…" is refused: it would change repository, password or cache, which Muster sets',
        'environment: RESTIC_SOURCE: is not set',
        'environment: KEEP_DAILY: "7d" is no such number',
        'environment: RESTIC_RETENTION_POLICIES_ENABLED: "yes" is neither true nor false',
        'environment: SCHEDULE: is not set',
        'environment: NTFY_ENABLED: "on" is neither true nor false',
        'environment: NTFY_PRIO: "9" is no priority of ntfy',
        'environment: NTFY_CREDS: is not understood',
        'environment: NTFY_TITLE: holds "`", which only a shell understands, and none is used',
        'environment: PUSHGATEWAY_URL: is not set',
        'environment: MUSTER_LISTEN: "here" is no address with a port',
      ],
    )
  })

  it('is told of the rest too', () => {
    const of = (more: Record<string, string>) => faults({ ...least, ...more })[0] ?? ''
    assert.match(of({ RESTIC_REPOSITORY_FILE: '/x' }), /RESTIC_REPOSITORY_FILE: says the same as RESTIC_REPOSITORY/)
    assert.match(
      of({ RESTIC_PASSWORD: '', RESTIC_PASSWORD_FILE: '/x', RESTIC_PASSWORD_COMMAND: 'y' }),
      /says the same as RESTIC_PASSWORD_FILE/,
    )
    assert.match(of({ RESTIC_PASSWORD_FILE: '/x' }), /RESTIC_PASSWORD: says the same as RESTIC_PASSWORD_FILE/)
    assert.match(of({ RESTIC_PASSWORD_COMMAND: 'x' }), /RESTIC_PASSWORD: says the same as RESTIC_PASSWORD_COMMAND/)
    assert.match(of({ MUSTER_LISTEN: '0.0.0.0:99999' }), /MUSTER_LISTEN: "0.0.0.0:99999" is no address with a port/)
    assert.match(
      of({ SCHEDULE: '@daily', TZ: 'Europe/Berln' }),
      /TZ: "Europe\/Berln" is no time zone\n.*Did you mean Europe\/Berlin\?/,
    )
    assert.match(of({ RESTIC_SOURCE: '/data/*' }), /RESTIC_SOURCE: "\/data\/\*" is a pattern/)
    assert.match(of({ RESTIC_SOURCE: '-x' }), /would be taken for an option/)
    assert.match(of({ SCHEDULE: '0 25 * * *' }), /SCHEDULE: /)
    assert.match(
      of({ KEEP_LAST: '0', KEEP_HOURLY: '0', KEEP_DAILY: '0', KEEP_WEEKLY: '0', KEEP_MONTHLY: '0' }),
      /KEEP_LAST: every KEEP_\* is 0, so nothing would be kept/,
    )
  })

  it('by its name alone is a warning, where Kubernetes did not add it', () => {
    const more = { KEEP_DAYLY: '1', NTFY_SERVICE_HOST: '10.0.0.1', NTFY_PORT_80_TCP: 'x', PUSHGATEWAY_PORT: 'tcp://x' }
    assert.deepEqual(
      imported({ ...least, ...more }).warnings.map(({ path, next }) => [...path, next]),
      [['KEEP_DAYLY', 'Did you mean KEEP_DAILY?']],
    )
  })

  it('is told to who is to hear of failures, unless that is wrong itself', () => {
    assert.deepEqual(Object.keys(imported({ ...ntfy, RESTIC_SOURCE: '' }).tell ?? {}), ['ntfy'])
    assert.equal(imported({ ...ntfy, RESTIC_SOURCE: '', NTFY_PRIO: 'x' }).tell, undefined)
    assert.equal(imported({ ...least, RESTIC_SOURCE: '' }).tell, undefined)
  })

  it('in the eyes of the schema alone leads back to a variable', () => {
    const { raw, origin } = imported({ ...ntfy, NTFY_TOPIC: 'no topic', RESTIC_COMPRESSION: 'lots' })
    const issues = Config.safeParse(raw).error?.issues ?? []
    assert.deepEqual(
      issues.map(({ path }) => origin?.(path as string[])),
      ['RESTIC_COMPRESSION', 'NTFY_TOPIC'],
    )
  })
})

it('no secret is printed', () => {
  const secrets = {
    ...ntfy,
    ...push,
    RESTIC_REPOSITORY: 'rest:https://me:canary-2@host/path',
    NTFY_CREDS: '-u me:canary-3',
    PUSHGATEWAY_URL: 'https://me:canary-4@push.example.com',
    AWS_SECRET_ACCESS_KEY: 'canary-5',
    MUSTER_TOKEN: 'canary-6',
  }
  assert.doesNotMatch(JSON.stringify(imported(secrets, { printed: true })), /canary/)
  assert.doesNotMatch(JSON.stringify(masked(config(secrets))), /canary/)
  // And no error repeats what came.
  const wrong = Object.fromEntries(Object.keys(secrets).map((name) => [name, 'canary `x`']))
  assert.doesNotMatch(
    JSON.stringify(imported(wrong).errors.filter(({ path: [name] }) => !/ENABLED|SOURCE/.test(String(name)))),
    /canary/,
  )
})

describe('pods of one kind', () => {
  const rows = [
    [pod, 'emby-??????????-?????'],
    ['emby-29012345-x8k2p', 'emby-????????-?????'],
    ['my-app-x8k2p', 'my-app-?????'],
    ['mariadb-0', 'mariadb-0'],
    ['nas', 'nas'],
    ['my-great-thing', 'my-great-thing'],
  ] as const
  for (const [host, pattern] of rows) it(`${host}: ${pattern}`, () => assert.equal(podsLike(host), pattern))
  it('are known in Kubernetes alone', () => {
    assert.deepEqual(repositoryOf({ ...least, KUBERNETES_SERVICE_HOST: '10.0.0.1' })?.lockHosts, [
      'emby-??????????-?????',
    ])
    assert.deepEqual(repositoryOf(least)?.lockHosts, [])
  })
})
