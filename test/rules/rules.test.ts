/** Every rule that is printed is proven by the tests printed with it (test R13), and those notice what is wrong with a rule. */
import { strict as assert } from 'node:assert'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'vitest'
import { parse } from 'yaml'
import { makePlace, type Place } from '../real/place.ts'
import { muster, print, promtool } from './promtool.ts'
import { all, oneServer, reporter, type Sample, watched } from './samples.ts'

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
          absent.length > 0 || / ?missing$/i.test(alert),
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
    assert.match(ofWatched, /^# No backup set in archive can be late/m)
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
    const json = JSON.parse(await muster(['rules', '--json', ...watched.write(place)])) as RuleFile
    assert.deepEqual(json, parse(ofWatched))
  })

  it('show no password of an address', async () => {
    const { rules, testsFile } = await print(place, reporter.write(place))
    assert.match(rules, /user:\*\*\*@backups\.example\.com/)
    for (const text of [rules, readFileSync(testsFile, 'utf8')]) assert.ok(!text.includes('secret'))
  })
})

/** Every mutation of every rule, each with the alert whose tests have to notice it. */
function mutationsOf(
  rules: string,
): readonly { readonly what: string; readonly alert: string; readonly text: string }[] {
  const file = parse(rules) as RuleFile
  return rulesOf(rules).flatMap(({ alert, expr }, at) => {
    const withExpr = (other: string): string => {
      const copy = structuredClone(file) as { groups: { rules: { expr: string }[] }[] }
      const rule = copy.groups.flatMap((group) => group.rules)[at]
      if (rule !== undefined) rule.expr = other
      return JSON.stringify(copy)
    }
    const bare = expr.replaceAll(/"[^"]*"/g, (text) => '"'.padEnd(text.length, ' '))
    const names = [...new Set(bare.match(/\b(?:muster_\w+|backup_\w+|up)\b/g))]
    const flips: Readonly<Record<string, string>> = { '<': '>', '>': '<', '==': '!=', '>=': '<' }
    const comparisons = [...bare.matchAll(/ (<|>|==|>=) /g)]
    return [
      ...names.map((name) => ({
        what: `${alert}: ${name} renamed`,
        alert,
        text: withExpr(expr.replaceAll(new RegExp(`\\b${name}\\b(?=[{ )]|$)`, 'gm'), `${name}_x`)),
      })),
      ...comparisons.map(({ index, 1: sign = '' }) => ({
        what: `${alert}: ${sign} at ${index} flipped`,
        alert,
        text: withExpr(`${expr.slice(0, index)} ${flips[sign]} ${expr.slice(index + sign.length + 2)}`),
      })),
    ]
  })
}

/** Runs tests of one alert, and those of the healthy history, against a rule that is wrong. */
async function unnoticed(sample: Sample): Promise<readonly [mutations: number, unnoticed: readonly string[]]> {
  // One `for` for all, so that no test plays a week.
  const { rules, testsFile } = await print(place, [...sample.write(place), '--for', '5m'])
  const mutations = mutationsOf(rules)
  const { tests, ...head } = parse(readFileSync(testsFile, 'utf8')) as TestFile
  const missed: string[] = []
  const queue = mutations.entries()
  const work = async (): Promise<void> => {
    for (const [at, { what, alert, text }] of queue) {
      writeFileSync(place.at(`rules-${at}.yml`), text)
      const own = tests.filter(({ name }) => name.startsWith(`${alert}:`) || name.startsWith('nothing fires'))
      const file = { ...head, rule_files: [`rules-${at}.yml`], tests: own }
      writeFileSync(place.at(`tests-${at}.yml`), JSON.stringify(file))
      const said = await promtool('test', 'rules', place.at(`tests-${at}.yml`))
      // A rule that does not parse would prove nothing.
      if (said === undefined || !said.includes('expr: ')) missed.push(`${what}: ${said}`)
    }
  }
  await Promise.all([work(), work()])
  return [mutations.length, missed]
}

describe('the printed tests notice', () => {
  for (const [sample, least] of [
    [oneServer, 75],
    [watched, 30],
    [reporter, 12],
  ] as const)
    it(`every metric that is renamed and every comparison that is flipped (${sample.name})`, {
      timeout: 180_000,
    }, async () => {
      const [count, missed] = await unnoticed(sample)
      assert.deepEqual(missed, [])
      assert.ok(count >= least, `${count} mutations`)
    })
})
