/** All alerts there are, in the order in which they are printed. */
import { type Alert, anyOf, type Rule } from './alert.ts'
import { borgAlerts } from './borg-alerts.ts'
import type { RuleFacts, RuleSet } from './facts.ts'
import { jobAlerts } from './job-alerts.ts'
import { musterAlerts } from './muster-alerts.ts'
import { notifierAlerts } from './notifier-alerts.ts'
import { pushAlerts } from './push-alerts.ts'
import { reporterAlerts } from './reporter-alerts.ts'
import { repositoryAlerts } from './repository-alerts.ts'
import { type Matchers, selectWith } from './selector.ts'
import { setAlerts } from './set-alerts.ts'
import { spaceAlerts } from './space-alerts.ts'
import { upkeepAlerts } from './upkeep-alerts.ts'

export const alerts: readonly Alert[] = [
  ...setAlerts,
  ...jobAlerts,
  ...upkeepAlerts,
  ...repositoryAlerts,
  ...spaceAlerts,
  ...musterAlerts,
  ...notifierAlerts,
  ...pushAlerts,
  ...reporterAlerts,
  ...borgAlerts,
]

export interface RulesWish {
  readonly sets: readonly RuleSet[]
  readonly selector: Matchers
  /** Instead of that of every alert. */
  readonly forMs?: number
  /** Added to every alert; `severity` takes the place of ours. */
  readonly labels: Readonly<Record<string, string>>
}

export interface ConfiguredRule extends Rule {
  readonly alert: Alert
  readonly forMs: number
  readonly labels: Readonly<Record<string, string>>
}

/** The rules of a configuration. */
export const rulesFor = (facts: RuleFacts, wish: RulesWish): readonly ConfiguredRule[] =>
  alerts
    .filter((alert) => belongs(alert, wish.sets))
    .flatMap((alert) =>
      joined(alert.rules(facts, selectWith(selectorOf(alert, wish)))).map((rule) => ({
        ...rule,
        alert,
        forMs: wish.forMs ?? rule.forMs ?? alert.forMs,
        labels: { severity: alert.severity, ...rule.labels, ...wish.labels },
      })),
    )

/** Those that differ in nothing but what they ask are one: promtool calls two of the same name and labels a mistake. */
const joined = (rules: readonly Rule[]): readonly Rule[] =>
  [...Map.groupBy(rules, ({ forMs, labels }) => JSON.stringify([forMs, labels])).values()].flatMap((own) =>
    own.slice(0, 1).map((rule) => ({
      ...rule,
      expr: anyOf(own.map(({ expr }) => expr)),
      faults: own.flatMap(({ faults }) => faults),
    })),
  )

/** Whether Muster answers is asked in any case. */
const belongs = ({ name, set }: Alert, sets: readonly RuleSet[]): boolean => sets.includes(set) || name === 'MusterDown'

/** Beside Muster's own metrics those under other names come from another path, and so from a scrape job of another name. */
export const selectorOf = ({ set }: Pick<Alert, 'set'>, { sets, selector }: RulesWish): Matchers => {
  if (set === 'restic-reporter' && sets.includes('muster')) return selector.filter(([label]) => label !== 'job')
  // They may have an address of their own, too.
  return set === 'borg-exporter' ? selector.filter(([label]) => label !== 'job' && label !== 'instance') : selector
}
