/** The page for those who come from a script that pushes restic's summary, as it stands: real restic, Pushgateway, Prometheus and promtool. */
import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { loadPages } from '../docs/markdown.ts'
import { makeWorkspace, type Workspace } from '../e2e/workspace.ts'
import { openPrometheus } from '../http/prometheus.ts'
import { program } from '../real/programs.ts'
import { until } from '../real/wait.ts'
import { promtool } from '../rules/promtool.ts'
import { type Gateway, serveGateway } from './servers.ts'

const page = (await loadPages()).find(({ path }) => path === 'docs/coming-from/restic-pushgateway.md')
const blocks = (language: string): readonly string[] =>
  page?.blocks.filter(({ info }) => info[0] === language).map(({ text }) => text) ?? []
const [config = '', rules = ''] = blocks('yaml')
const [goesOn = '', never = ''] = blocks('promql')

const tags = ['sub-daily', 'daily', 'weekly', 'monthly']
const nine = [
  'time',
  'processed_files',
  'processed_bytes',
  ...['files', 'dirs'].flatMap((what) => ['new', 'changed', 'unchanged'].map((how) => `${what}_${how}`)),
].map((name) => `restic_backup_${name}`)

let space: Workspace
let gateway: Gateway
beforeAll(async () => {
  space = makeWorkspace()
  gateway = await serveGateway()
  const text = config
    .replace('/srv/backup', space.repository)
    .replace('/etc/muster/nfs.pass', space.place.at('password'))
    .replace('/srv/nfs', space.source)
    .replace('https://my-gtw:443', gateway.url)
  writeFileSync(
    space.place.at('muster.yaml'),
    text.replace('tool: restic', `tool: restic\n    program: ${program('restic-0.18')}`),
  )
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  space[Symbol.dispose]()
})

describe('the page for the script', () => {
  it('pushes the nine of the script for each of its four tags, and forgets by tag', { timeout: 120_000 }, async () => {
    // What the script made with one of the tags goes by the policy of that tag alone.
    expect(await space.restic(['init'])).toMatchObject({ code: 0 })
    const made = [
      ['sub-daily', 10],
      ['monthly', 100],
      ['other', 400],
    ] as const
    for (const [tag, days] of made) {
      const day = new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)
      await space.restic(['backup', '--tag', tag, '--time', `${day} 03:04:05`, space.source])
    }
    expect(await space.run(['run', '--all'])).toMatchObject({ code: 0 })
    const text = await gateway.text()
    for (const name of nine) {
      expect(text).toContain(`# TYPE ${name} gauge\n`)
      expect(Object.keys(await gateway.values(name)).sort()).toEqual(
        tags.map((tag) => `instance="${tag}",job="nfs_backup"`).sort(),
      )
    }
    expect(Object.values(await gateway.values('restic_backup_processed_files'))).toEqual([12, 12, 12, 12])
    const snapshots = JSON.parse((await space.restic(['snapshots', '--json'])).stdout) as { tags: string[] }[]
    expect(snapshots.map((snapshot) => snapshot.tags.join())).toEqual(expect.arrayContaining(tags))
    const left = JSON.parse((await space.restic(['snapshots', '--json'])).stdout) as { tags: string[]; time: string }[]
    const early = left.filter(({ time }) => Date.parse(time) < Date.now() - 86_400_000).map((one) => one.tags.join())
    expect(early.sort()).toEqual(['monthly', 'other'])
  })

  it('answers the queries that go on, and shows why the third never fires', { timeout: 60_000 }, async () => {
    await using prometheus = await openPrometheus(gateway.url)
    const [bytes = '', time = ''] = goesOn.trim().split('\n')
    await until('Prometheus has scraped', async () => (await prometheus.query(bytes)).length > 0, 30_000)
    expect((await prometheus.query(time))[0]?.labels).toMatchObject({ instance: 'daily', job: 'nfs_backup' })
    expect(await prometheus.query(never.trim())).toEqual([])
  })

  it('gives alerts that fire when they should, and only then', async () => {
    writeFileSync(space.place.at('rules.yml'), rules)
    const pushed = (at: number): { series: string; values: string }[] =>
      tags.flatMap((tag) => {
        const labels = `{job="nfs_backup",instance="${tag}"}`
        return [
          { series: `push_time_seconds${labels}`, values: `${at}x200` },
          { series: `restic_backup_processed_files${labels}`, values: '12x200' },
        ]
      })
    const fires = (alertname: string, eval_time: string, instances: readonly string[]): object => ({
      alertname,
      eval_time,
      exp_alerts: instances.map((instance) => ({
        exp_labels: { severity: 'critical', instance, job: 'nfs_backup' },
        exp_annotations: parse(rules)
          .groups[0].rules.filter((rule: { alert: string }) => rule.alert === alertname)
          .map(({ annotations }: { annotations: { summary: string } }) => ({
            summary: annotations.summary.replace('{{ $labels.instance }}', instance),
          }))[0],
      })),
    })
    const tests = [
      {
        name: 'all ran a moment ago',
        interval: '1h',
        input_series: pushed(0),
        alert_rule_test: [
          fires('NfsBackupLate', '5h', []),
          fires('NfsBackupFailed', '5h', []),
          fires('NfsBackupUnknown', '5h', []),
        ],
      },
      {
        name: 'nothing runs any more',
        interval: '6h',
        input_series: pushed(0),
        alert_rule_test: [
          fires('NfsBackupLate', '12h', ['sub-daily']),
          fires('NfsBackupLate', `${9 * 24}h`, ['sub-daily', 'daily', 'weekly']),
          fires('NfsBackupLate', `${34 * 24}h`, tags),
        ],
      },
      {
        name: 'the last daily backup failed',
        interval: '1h',
        input_series: pushed(0).filter(({ series }) => !/files.*="daily"/.test(series)),
        alert_rule_test: [fires('NfsBackupFailed', '2h', ['daily'])],
      },
      {
        name: 'nothing is known',
        interval: '1h',
        input_series: [],
        alert_rule_test: [
          {
            alertname: 'NfsBackupUnknown',
            eval_time: '1h',
            exp_alerts: [
              {
                exp_labels: { severity: 'critical', job: 'nfs_backup' },
                exp_annotations: {
                  summary: 'Nothing is known of the backups: gateway, Prometheus or all jobs are gone',
                },
              },
            ],
          },
        ],
      },
    ]
    writeFileSync(
      space.place.at('tests.yml'),
      stringify({ rule_files: ['rules.yml'], evaluation_interval: '5m', tests }),
    )
    expect(await promtool('check', 'rules', space.place.at('rules.yml'))).toBeUndefined()
    expect(await promtool('test', 'rules', space.place.at('tests.yml'))).toBeUndefined()
  })
})
