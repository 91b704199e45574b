/** Rules, or their tests, on standard output. */
import { parse } from 'yaml'
import { ruleFactsOf } from '../app/rule-facts.ts'
import type { Problem, Result } from '../model/problem.ts'
import { fail, ok } from '../model/problem.ts'
import { Duration } from '../model/units.ts'
import type { RulesWish } from '../outlets/rules/catalog.ts'
import { renderRules } from '../outlets/rules/render.ts'
import { parseSelector } from '../outlets/rules/selector.ts'
import { renderTests } from '../outlets/rules/tests.ts'
import { exitCodes } from './exit.ts'
import { openConfig, tellProblem } from './open.ts'
import type { RulesOptions } from './rules.ts'

export async function printRules(options: RulesOptions): Promise<number> {
  const selector = parseSelector(options.selector)
  const forMs = options.for === undefined ? ok(undefined) : durationOf(options.for)
  for (const { problem } of [selector, forMs].filter((one) => !one.ok)) tellProblem(problem)
  const { config, importer } = await openConfig(options)
  if (!selector.ok || !forMs.ok) return exitCodes.usage
  // In the place of another program only its metrics are served at /metrics.
  const replaces = importer?.serves !== undefined
  const wish: RulesWish = {
    sets: [
      ...(replaces ? [] : (['muster'] as const)),
      ...(replaces || options.compat.includes('restic-reporter') ? (['restic-reporter'] as const) : []),
      ...(options.compat.includes('borg-exporter') ? (['borg-exporter'] as const) : []),
    ],
    selector: selector.value,
    labels: options.label,
    ...(forMs.value !== undefined && { forMs: forMs.value }),
  }
  const facts = ruleFactsOf(config, new Date())
  const text = options.tests === true ? renderTests(facts, wish, options.file) : renderRules(facts, wish)
  process.stdout.write(options.json === true ? asJson(text) : text)
  return exitCodes.fine
}

function durationOf(text: string): Result<number | undefined> {
  if (/^0[smhdw]?$/.test(text)) return ok(0)
  const parsed = Duration.safeParse(text)
  return parsed.success ? ok(parsed.data) : fail(badDuration(text))
}

const badDuration = (text: string): Problem => ({
  code: 'rules.for',
  message: `${JSON.stringify(text)} is no duration.`,
  next: 'Write --for 5m, or --for 0s for rules that fire at once.',
  retry: 'never',
})

/** JSON is YAML too: Prometheus loads either. */
function asJson(yaml: string): string {
  return `${JSON.stringify(parse(yaml), undefined, 2)}\n`
}
