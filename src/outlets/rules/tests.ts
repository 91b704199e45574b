/** The tests of the rules for promtool: every rule fires when it must, stays quiet on a healthy history, and survives a restart. */
import { stringify } from 'yaml'
import { dayMs, type Fault, type Labels, minuteMs, secondsOf } from './alert.ts'
import { alerts, type ConfiguredRule, type RulesWish, rulesFor, selectorOf } from './catalog.ts'
import type { RuleFacts, RuleSet } from './facts.ts'
import { healthySeries, type Turning, withFault } from './history.ts'
import { around, endsOf, metricsOf, phasesOf, silenced, stepsToFire } from './scenes.ts'
import { hasOwnJob, labelsFor, quoted } from './selector.ts'
import { writeValues } from './values.ts'

/** Most scrapes that the longest `for` may take: a day in steps of half an hour. */
const mostSteps = 48
const shortHistoryMs = dayMs / 8

/** What tells that another rule is blind. */
const guardians = [
  ...alerts.map(({ name }) => name).filter((name) => name.endsWith('Missing') || name.endsWith(' missing')),
]

interface Case {
  readonly name: string
  readonly series: readonly Turning[]
  readonly illSteps: number
  readonly expect: readonly Expected[]
}

interface Expected {
  readonly at: keyof ReturnType<typeof endsOf>
  readonly expr: string
  readonly samples: readonly Labels[]
}

export function renderTests(facts: RuleFacts, wish: RulesWish, file: string): string {
  const rules = rulesFor(facts, wish)
  const longestMs = Math.max(...rules.map(({ forMs }) => forMs))
  const stepMs = Math.max(5, Math.ceil(longestMs / mostSteps / minuteMs)) * minuteMs
  const cases = [...healthy(facts, wish, rules, stepMs), ...rules.flatMap((rule) => casesOf(rule, facts, wish, stepMs))]
  const step = `${stepMs / minuteMs}m`
  const content = {
    rule_files: [file],
    evaluation_interval: step,
    tests: cases.map((one) => ({
      name: one.name,
      interval: step,
      input_series: one.series.map((series) => ({
        series: written(series, wish),
        values: writeValues(phasesOf(series, one.illSteps), secondsOf(stepMs)),
      })),
      promql_expr_test: one.expect.map(({ at, expr, samples }) => ({
        expr,
        eval_time: `${(endsOf(one.illSteps)[at] * stepMs) / minuteMs}m`,
        exp_samples: samples.map((labels) => ({ labels: seriesText('', labels), value: 1 })),
      })),
    })),
  }
  return `# Printed by \`muster rules --tests\`. Run them: promtool test rules THIS-FILE\n${stringify(content, { lineWidth: 0 })}`
}

/** Hours with everything of the configuration in them; days, for the rules that wait for days, with a part of it. */
function healthy(facts: RuleFacts, wish: RulesWish, rules: readonly ConfiguredRule[], stepMs: number): Case[] {
  const quiet = (own: readonly ConfiguredRule[]): Expected[] =>
    [...new Set(own.map(({ alert }) => alert))].flatMap(({ name, by }) =>
      (['ill', 'restarted', 'over'] as const).map((at) => ({ at, expr: firing(name, by), samples: [] })),
    )
  const nothing: Fault = { what: '', fires: [] }
  const series = (part: RuleFacts): readonly Turning[] => withFault(healthySeries(part, wish.sets), nothing)
  const slow = rules.filter(({ forMs }) => forMs > shortHistoryMs)
  return [
    {
      name: 'nothing fires while all is well, with a restart in between',
      series: series(facts),
      illSteps: stepsToFire(shortHistoryMs, stepMs),
      expect: quiet(rules.filter(({ forMs }) => forMs <= shortHistoryMs)),
    },
    ...slow.map((rule) => ({
      name: `${rule.alert.name} stays quiet for as long as it waits`,
      series: series(around(facts, rule.faults[0] ?? nothing)),
      illSteps: stepsToFire(rule.forMs, stepMs),
      expect: quiet([rule]),
    })),
  ]
}

/** For each fault: it fires for what is ill and nothing else, again after a restart, and not after the end; without its series another tells. */
function casesOf(rule: ConfiguredRule, facts: RuleFacts, wish: RulesWish, stepMs: number): Case[] {
  const { alert, faults, forMs } = rule
  return faults.flatMap((fault): Case[] => {
    // What names all there has to be needs all of it.
    const part = guardians.includes(alert.name) && !alert.by.includes('metric') ? facts : around(facts, fault)
    const series = healthySeries(part, wish.sets)
    const expr = firing(alert.name, alert.by)
    const mine: Case = {
      name: `${alert.name}: ${fault.fires.length === 0 ? 'quiet at ' : ''}${fault.what}`,
      series: withFault(series, fault),
      illSteps: stepsToFire(forMs, stepMs),
      expect: [
        { at: 'well', expr, samples: [] },
        { at: 'ill', expr, samples: fault.fires },
        { at: 'restarted', expr, samples: fault.fires },
        { at: 'over', expr, samples: [] },
      ],
    }
    if (guardians.includes(alert.name) || fault.fires.length === 0 || fault.absentIsNormal === true) return [mine]
    const isTarget = metricsOf(rule.expr).includes('up')
    const told = `group(ALERTS{alertname=~${quoted(guardians.join('|'))},alertstate="firing"${onlyIn(part, facts)}})`
    return [
      mine,
      {
        name: `${alert.name}: ${fault.what}, but its series is absent`,
        series: isTarget
          ? series.map(({ name, labels, value }) => ({ name, labels, well: value, ill: undefined }))
          : withFault(series, silenced(fault, rule)),
        illSteps: stepsToFire(Math.max(...rulesOfGuardians(facts, wish)), stepMs),
        expect: [
          { at: 'well', expr: told, samples: [] },
          { at: 'ill', expr: told, samples: [{}] },
          { at: 'restarted', expr: told, samples: [{}] },
        ],
      },
    ]
  })
}

const rulesOfGuardians = (facts: RuleFacts, wish: RulesWish): number[] =>
  rulesFor(facts, wish).flatMap(({ alert, forMs }) => (guardians.includes(alert.name) ? [forMs] : []))

/** Of a part of the configuration the rest is missing, and its alerts fire: they are left out. */
function onlyIn(part: RuleFacts, whole: RuleFacts): string {
  if (part.repositories.length === whole.repositories.length && part.jobs.length === whole.jobs.length) return ''
  const names = (label: string, values: readonly string[]): string =>
    `,${label}=~${quoted(['', ...values.map((value) => value.replaceAll('.', '\\.'))].join('|'))}`
  return (
    names(
      'repository',
      part.repositories.map(({ name }) => name),
    ) + names('job', ['muster', ...part.jobs.map(({ name }) => name)])
  )
}

const firing = (name: string, by: readonly string[]): string =>
  `count by (${by.join(', ')}) (ALERTS{alertname=${quoted(name)},alertstate="firing"})`

/** As Prometheus stores it: with the labels of the selector and of the target, its own `job` first. */
function written({ name, labels }: Turning, wish: RulesWish): string {
  const set = setOf(name)
  const target = [
    ['job', 'muster'],
    ['instance', 'muster:9121'],
  ] as const
  const selected = labelsFor(name, selectorOf({ set }, wish))
  const own = hasOwnJob(name) ? target.slice(1) : target
  return seriesText(name, { ...Object.fromEntries([...own, ...selected]), ...labels })
}

const setOf = (name: string): RuleSet =>
  name.startsWith('backup_') ? 'restic-reporter' : name.startsWith('borg_') ? 'borg-exporter' : 'muster'

const seriesText = (name: string, labels: Labels): string =>
  `${name}{${Object.entries(labels)
    .map(([label, value]) => `${label}=${quoted(value)}`)
    .join(', ')}}`
