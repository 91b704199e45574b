/** Rules as a file that Prometheus loads. */
import { stringify } from 'yaml'
import { writeDuration } from '../../model/units.ts'
import type { Alert } from './alert.ts'
import { type ConfiguredRule, type RulesWish, rulesFor } from './catalog.ts'
import type { RuleFacts } from './facts.ts'

/** `muster.rules.yml`: a group for each subject, and in comments what no rule can see. */
export function renderRules(facts: RuleFacts, wish: RulesWish): string {
  const rules = rulesFor(facts, wish)
  const groups = [...Map.groupBy(rules, ({ alert }) => alert.group)].map(([name, own]) => ({
    name: own[0]?.alert.set === 'muster' ? `muster-${name}` : name,
    rules: own.map(ruleOf),
  }))
  return `${headOf(facts, wish)}${stringify({ groups }, { lineWidth: 0 })}`
}

const ruleOf = ({ alert, expr, forMs, labels }: ConfiguredRule) => ({
  alert: alert.name,
  expr,
  ...(forMs > 0 && { for: writeDuration(forMs) }),
  labels,
  annotations: {
    summary: alert.summary,
    description: `Fires when ${alert.when}. ${alert.todo}`.replaceAll('`', "'"),
    reference: referenceOf(alert),
  },
})

/** Where our documents say more. */
const referenceOf = ({ name }: Alert): string => `docs/reference/alerts.md#${name.toLowerCase().replaceAll(' ', '-')}`

function headOf({ repositories, jobs }: RuleFacts, { sets }: RulesWish): string {
  const lines = ['Printed by `muster rules` for one configuration: print it again after each change of it.']
  const unsaid = repositories.filter(
    ({ name, deadlines }) =>
      (deadlines === 'learned' || deadlines === 'none') &&
      !jobs.some(({ repository, everyMs }) => repository === name && everyMs !== undefined),
  )
  if (sets.includes('muster'))
    for (const { name, deadlines } of unsaid)
      lines.push(
        deadlines === 'none'
          ? `No backup set in ${name} can be late: nothing says when snapshots are due. Give it an \`expect\`.`
          : `Backup sets in ${name} are late by what is learned of them, once enough snapshots are known. To be sure, give it an \`expect\`.`,
      )
  return lines.map((line) => `# ${line}\n`).join('')
}
