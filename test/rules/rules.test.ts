/** Every rule that is printed is proven by the tests printed with it, and those notice what is wrong with a rule. */
import { strict as assert } from 'node:assert'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'vitest'
import { parse } from 'yaml'
import { deep } from '../real/deep.ts'
import { makePlace, type Place } from '../real/place.ts'
import { muster, print, promtool } from './promtool.ts'
import { all, borgScripts, oneServer, reporter, type Sample, watched } from './samples.ts'

interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly { alert: string; expr: string }[] }[]
}
interface TestFile {
  readonly tests: readonly { name: string; promql_expr_test: readonly { exp_samples: readonly unknown[] }[] }[]
}

const rulesOf = (text: string) => (parse(text) as RuleFile).groups.flatMap(({ rules }) => rules)

let place: Place
beforeEach(() => {
  place = makePlace()
})
afterEach(() => place[Symbol.dispose]())

describe('the rules and their tests', () => {
  for (const sample of all)
    it(`hold for ${sample.name}`, { timeout: 180_000 }, async () => {
      const { rules, rulesFile, testsFile } = await print(place, sample.write(place))
      assert.equal(await promtool('check', 'rules', '--lint-fatal', rulesFile), undefined)
      assert.equal(await promtool('test', 'rules', testsFile), undefined)

      const { tests } = parse(readFileSync(testsFile, 'utf8')) as TestFile
      for (const { alert } of rulesOf(rules)) {
        const fires = tests.filter(({ name }) => name.startsWith(`${alert}: `) && !name.includes(': quiet at '))
        const absent = fires.filter(({ name }) => name.endsWith('its series is absent'))
        assert.ok(fires.length > absent.length, `${alert} is made to fire`)
        assert.ok(
          absent.length > 0 ||
            / ?missing$/i.test(alert) ||
            (alert === 'MusterSetLate' && sample.name.endsWith('nothing is said')),
          `${alert}: another one tells when its series is absent`,
        )
        // Silent before the fault, firing, firing again after the restart, silent after its end.
        for (const { name, promql_expr_test } of fires.filter((one) => !absent.includes(one)))
          assert.deepEqual(
            promql_expr_test.map(({ exp_samples }) => exp_samples.length > 0),
            [false, true, true, false],
            name,
          )
      }
    })

  it('also with a selector, labels and a duration of the user, beside the names of restic-reporter', async () => {
    const wish = ['--selector', 'job="backups",cluster="eu"', '--label', 'severity=page', '--label', 'team=ops']
    const more = [...wish, '--for', '10m', '--compat', 'restic-reporter']
    const { rules, rulesFile, testsFile } = await print(place, [...oneServer.write(place), ...more])
    assert.equal(await promtool('check', 'rules', '--lint-fatal', rulesFile), undefined)
    assert.equal(await promtool('test', 'rules', testsFile), undefined)
    const parsed = parse(rules) as { groups: { rules: { for: string; labels: object; expr: string }[] }[] }
    for (const rule of parsed.groups.flatMap((group) => group.rules)) {
      assert.deepEqual(
        { ...rule.labels, operation: undefined },
        { severity: 'page', team: 'ops', operation: undefined },
      )
      assert.equal(rule.for, '10m')
      assert.match(rule.expr, /cluster="eu"/)
    }
    assert.match(rules, /up\{job="backups",cluster="eu"\} == 0/)
    // Of the metrics of jobs, `job` is the job of Muster.
    assert.doesNotMatch(rules, /muster_job_\w+\{job="backups"/)
  })

  it('are what they are for each configuration', async () => {
    const ofWatched = await muster(['rules', ...watched.write(place)])
    assert.match(ofWatched, /^# Backup sets in archive are late by what is learned of them/m)
    assert.match(ofWatched, /^# No backup set in silent can be late/m)
    assert.equal(ofWatched.match(/^#.*backup set/gim)?.length, 2)
    assert.match(ofWatched, /muster_repository_missing_sets\{.*off.*\|nas\|some"\} > 0/)
    assert.doesNotMatch(ofWatched, /MusterJob|MusterCheck|MusterUpkeep|backup_/)
    const names = rulesOf(await muster(['rules', ...reporter.write(place)])).map(({ alert }) => alert)
    assert.deepEqual(names, [
      'MusterDown',
      'Backup job failures',
      'Backup read failures',
      'Backup metrics age too old',
      'Backup set age too old',
      'Backup metrics missing',
      'Backup repository missing',
    ])
    const ofBorg = rulesOf(await muster(['rules', ...borgScripts.write(place)])).filter(({ expr }) => /borg/.test(expr))
    assert.deepEqual(
      ofBorg.map(({ alert, expr }) => [alert, expr.includes('\n') ? '…' : expr]),
      [
        ['BorgExporterDown', 'up{job="borg"} == 0'],
        ['BorgBackupFailed', 'borg_last_backup_error_code > 0'],
        // Twice the seven days of the slowest.
        ['BorgRunOld', 'time() - borg_last_run_timestamp > 1209600'],
        ['BorgStorageFull', '(borg_storage_disk_space - borg_storage_free_space) / borg_storage_disk_space * 100 > 80'],
        ['BorgMetricsMissing', '…'],
      ],
    )
    const json = JSON.parse(await muster(['rules', '--json', ...watched.write(place)])) as RuleFile
    assert.deepEqual(json, parse(ofWatched))
  })

  for (const what of ['of which nothing is said', 'by the day'])
    it(`tell of late sets in a repository of others, ${what}`, async () => {
      const own = all.find(({ name }) => name.endsWith(what))
      assert.ok(own !== undefined)
      const names = rulesOf(await muster(['rules', ...own.write(place)])).map(({ alert }) => alert)
      assert.ok(names.includes('MusterSetLate'))
      assert.equal(names.includes('MusterSetsMissing'), what === 'by the day')
    })

  it('show no password of an address', async () => {
    const { rules, testsFile } = await print(place, reporter.write(place))
    assert.match(rules, /user:\*\*\*@backups\.example\.com/)
    for (const text of [rules, readFileSync(testsFile, 'utf8')]) assert.ok(!text.includes('secret'))
  })
})

interface Mutation {
  readonly what: string
  readonly alert: string
  /** What the rule asks instead. */
  readonly expr: string
}

/** Every metric of a rule renamed, every comparison flipped, one at a time. */
function mutationsOf({ alert, expr }: { readonly alert: string; readonly expr: string }): readonly Mutation[] {
  const bare = expr.replaceAll(/"[^"]*"/g, (text) => '"'.padEnd(text.length, ' '))
  const names = [...new Set(bare.match(/\b(?:muster_\w+|backup_\w+|borg_\w+|up)\b/g))]
  const flips: Readonly<Record<string, string>> = { '<': '>', '>': '<', '==': '!=', '>=': '<' }
  return [
    ...names.map((name) => ({
      what: `${alert}: ${name} renamed`,
      alert,
      expr: expr.replaceAll(new RegExp(`\\b${name}\\b(?=[{ )]|$)`, 'gm'), `${name}_x`),
    })),
    ...[...bare.matchAll(/ (<|>|==|>=) /g)].map(({ index, 1: sign = '' }) => ({
      what: `${alert}: ${sign} at ${index} flipped`,
      alert,
      expr: `${expr.slice(0, index)} ${flips[sign]} ${expr.slice(index + sign.length + 2)}`,
    })),
  ]
}

/** In each round one mutation of every rule that has one left: whether an alert is noticed, its own tests say. */
function roundsOf(rules: string): readonly (readonly Mutation[])[] {
  const perRule = rulesOf(rules).map(mutationsOf)
  const most = Math.max(...perRule.map(({ length }) => length))
  return Array.from({ length: most }, (_, at) => perRule.flatMap((own) => own[at] ?? []))
}

async function unnoticed(
  sample: Sample,
  every: number,
): Promise<readonly [mutations: number, unnoticed: readonly string[]]> {
  // One `for` for all, so that no test plays a week.
  const { rules, testsFile } = await print(place, [...sample.write(place), '--for', '5m'])
  const rounds = roundsOf(rules).filter((_, at) => deep || at % every === 0)
  const { tests, ...head } = parse(readFileSync(testsFile, 'utf8')) as TestFile
  const missed: string[] = []
  const queue = rounds.entries()
  const work = async (): Promise<void> => {
    for (const [at, round] of queue) {
      const file = parse(rules) as { groups: { rules: { alert: string; expr: string }[] }[] }
      for (const rule of file.groups.flatMap((group) => group.rules))
        rule.expr = round.find(({ alert }) => alert === rule.alert)?.expr ?? rule.expr
      const own = tests.filter(
        ({ name }) => name.startsWith('nothing fires') || round.some(({ alert }) => name.startsWith(`${alert}: `)),
      )
      writeFileSync(place.at(`rules-${at}.yml`), JSON.stringify(file))
      writeFileSync(
        place.at(`tests-${at}.yml`),
        JSON.stringify({ ...head, rule_files: [`rules-${at}.yml`], tests: own }),
      )
      const said = (await promtool('test', 'rules', place.at(`tests-${at}.yml`))) ?? ''
      // A rule that does not parse would prove nothing: a test of this very alert has to fail.
      for (const { what, alert } of round) if (!said.includes(`ALERTS{alertname=\\"${alert}\\"`)) missed.push(what)
    }
  }
  await Promise.all([work(), work()])
  return [rounds.flat().length, missed]
}

describe('the printed tests notice', () => {
  // The rules of the first sample stand in the others too, so that of those every third round is enough.
  for (const [sample, every, least] of [
    [oneServer, 1, 75],
    [watched, 3, 10],
    [reporter, 1, 12],
    [borgScripts, 3, 30],
  ] as const)
    it(`every metric that is renamed and every comparison that is flipped (${sample.name})`, {
      timeout: 180_000,
    }, async () => {
      const [count, missed] = await unnoticed(sample, every)
      assert.deepEqual(missed, [])
      assert.ok(count >= least, `${count} mutations`)
    })
})
